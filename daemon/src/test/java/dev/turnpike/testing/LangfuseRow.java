package dev.turnpike.testing;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One stored observation as Langfuse would have it. Over OTLP: one row for each span that came,
 * duplicates included. Over classic: one for each event that came.
 *
 * @param seq order of arrival, from 1
 * @param type upper case, as the server has it: AGENT, GENERATION, TOOL, SPAN, EVENT
 * @param request number of the request it came in, from 1
 * @param usage as sent, without a computed total
 * @param metadata our own keys only, without {@code resourceAttributes.*}
 */
public record LangfuseRow(
    int seq,
    int request,
    String source,
    String traceId,
    String id,
    @Nullable String parentId,
    String name,
    String type,
    Instant start,
    Instant end,
    String level,
    @Nullable String statusMessage,
    @Nullable String model,
    Map<String, String> modelParameters,
    Map<String, Long> usage,
    @Nullable BigDecimal totalCost,
    @Nullable String completionStart,
    @Nullable String input,
    @Nullable String output,
    @Nullable String sessionId,
    @Nullable String userId,
    List<String> tags,
    @Nullable String traceName,
    @Nullable String environment,
    @Nullable String version,
    @Nullable String release,
    Map<String, String> metadata) {
  public boolean root() {
    return parentId == null;
  }
}
