package dev.turnpike.model;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A timed node of a trace. Parents: turn &gt; generation, tool call; tool call &gt; agent span
 * (sub-agent) &gt; generation, tool call.
 */
public sealed interface Observation {
  Frame frame();

  Content input();

  Content output();

  /**
   * The turn (no parent) or a sub-agent (below the tool call that launched it). Carries no model
   * and no usage.
   */
  record AgentSpan(Frame frame, Content input, Content output) implements Observation {}

  /**
   * One model call. {@code model} is normalised so that Langfuse prices it; the raw name is
   * metadata {@code model_raw} where it differs. {@code usage} is absent if the agent reported
   * none; {@code costUsd} only where the agent itself reports it.
   */
  record Generation(
      Frame frame,
      Content input,
      Content output,
      @Nullable String model,
      Map<String, String> modelParameters,
      @Nullable Usage usage,
      @Nullable BigDecimal costUsd,
      @Nullable Instant completionStart)
      implements Observation {
    public Generation {
      modelParameters = Collections.unmodifiableMap(new LinkedHashMap<>(modelParameters));
    }
  }

  /**
   * One tool call; {@code callId} is the agent's own id of it and goes to metadata {@code
   * tool_call_id}.
   */
  record ToolCall(Frame frame, String callId, Content input, Content output)
      implements Observation {}

  /**
   * Something worth a line in the trace that is none of the above: compaction, a retried request,
   * steering text. Without duration ({@code start == end}) Langfuse shows it as an event, else as a
   * span.
   */
  record Note(Frame frame, Content input, Content output) implements Observation {
    public boolean instantaneous() {
      return frame.start().equals(frame.end());
    }
  }
}
