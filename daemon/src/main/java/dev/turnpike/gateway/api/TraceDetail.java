package dev.turnpike.gateway.api;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One trace as a tree. Its observations lie below each other as they will on the server; those
 * whose parent is in no part we have stand at the top beside the root.
 */
public record TraceDetail(
    TraceList.TraceSummary summary,
    String userId,
    List<String> tags,
    @Nullable String environment,
    @Nullable String release,
    @Nullable String agentVersion,
    Map<String, String> metadata,
    Map<String, Long> usage,
    List<Node> observations)
    implements Report {
  public TraceDetail {
    tags = List.copyOf(tags);
    metadata = Ordered.copyOf(metadata);
    usage = Ordered.copyOf(usage);
    observations = List.copyOf(observations);
  }

  /**
   * @param kind {@code agent}, {@code generation}, {@code tool} or {@code note}
   * @param usage tokens by Langfuse's usage keys; empty if none were reported
   * @param input readable text or JSON text, after masking and truncation
   */
  public record Node(
      String id,
      String kind,
      String name,
      Instant start,
      long durationMillis,
      String level,
      @Nullable String statusMessage,
      @Nullable String model,
      Map<String, Long> usage,
      @Nullable BigDecimal costUsd,
      @Nullable String input,
      @Nullable String output,
      Map<String, String> metadata,
      List<Node> children) {
    public Node {
      usage = Ordered.copyOf(usage);
      metadata = Ordered.copyOf(metadata);
      children = List.copyOf(children);
    }
  }
}
