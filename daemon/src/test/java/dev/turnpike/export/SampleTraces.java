package dev.turnpike.export;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.SpanKind;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import dev.turnpike.model.Usage;
import dev.turnpike.outbox.Batch;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Traces for the tests of exporters. */
public final class SampleTraces {
  public static final AgentId AGENT = new AgentId("claude-code");
  public static final Instant START = Instant.parse("2026-11-20T10:00:00.001Z");

  private SampleTraces() {}

  /**
   * A turn of four spans: the root, a model call with reasoning and a tool call, the tool, an
   * instantaneous note.
   */
  public static Trace turn(String key) {
    var seed = TraceSeed.of(AGENT, new TurnKey(key));
    SpanId root = seed.span(SpanKind.TURN, key);
    return new Trace(
        seed.traceId(),
        context(),
        List.of(
            generation(seed, root),
            tool(seed, root),
            new Observation.Note(
                frame(seed.span(SpanKind.NOTE, "n1"), root, "compaction", 60, 60, Level.DEFAULT),
                Content.NONE,
                Content.NONE),
            new Observation.AgentSpan(
                frame(root, null, "claude-code turn", 0, 100, Level.DEFAULT),
                Content.prompt("list files"),
                Content.answer("two files"))));
  }

  /** As {@link #turn}, with as many tools as asked for and outputs of the given length. */
  public static Trace large(String key, int tools, int outputChars) {
    var seed = TraceSeed.of(AGENT, new TurnKey(key));
    SpanId root = seed.span(SpanKind.TURN, key);
    var observations = new ArrayList<Observation>();
    for (int i = 0; i < tools; i++) {
      observations.add(
          new Observation.ToolCall(
              frame(seed.span(SpanKind.TOOL, "t" + i), root, "Bash", i, i + 1, Level.DEFAULT),
              "toolu_" + i,
              new Content.Json(ContentKind.TOOL_INPUT, "{\"n\":" + i + "}"),
              new Content.Text(ContentKind.TOOL_OUTPUT, "x".repeat(outputChars))));
    }
    observations.add(
        new Observation.AgentSpan(
            frame(root, null, "claude-code turn", 0, 100, Level.DEFAULT),
            Content.prompt("work"),
            Content.answer("done")));
    return new Trace(seed.traceId(), context(), observations);
  }

  public static TraceContext context() {
    return new TraceContext(
        AGENT,
        "3f2b6c1e-8a55-4a3c-9d0e-6a1f4f6b8c11",
        "dev@example.com",
        List.of("claude-code", "repo:shop"),
        "Turn 3",
        "default",
        "1.2.0",
        "2.1.5",
        Map.of("agent", "claude-code", "repo", "shop", "turn", "3"));
  }

  public static Batch batch(Trace trace, DestinationId destination) {
    return new Batch(
        new BatchRef(
            new BatchId(trace.id().hex().substring(0, 12)),
            destination,
            new SessionKey(AGENT, new SessionId("s1")),
            trace.id(),
            trace.observations().size(),
            1000,
            START),
        trace);
  }

  public static Frame frame(
      SpanId id, @Nullable SpanId parent, String name, long fromMs, long toMs, Level level) {
    return new Frame(
        id,
        parent,
        name,
        START.plusMillis(fromMs),
        START.plusMillis(toMs),
        level,
        level == Level.ERROR ? "exit 1" : null,
        Map.of());
  }

  private static Observation generation(TraceSeed seed, SpanId root) {
    return new Observation.Generation(
        frame(
                seed.span(SpanKind.GENERATION, "msg_1"),
                root,
                "claude-sonnet-4-5",
                1,
                40,
                Level.DEFAULT)
            .withMetadata(Map.of("stop_reason", "tool_use")),
        new Content.Messages(
            List.of(new Message("user", List.of(new Part.Text(ContentKind.PROMPT, "list files"))))),
        new Content.Messages(
            List.of(
                new Message(
                    "assistant",
                    List.of(
                        new Part.Reasoning("I need ls"),
                        new Part.Text(ContentKind.ANSWER, "Let me look"),
                        new Part.ToolUse("toolu_1", "Bash", "{\"command\":\"ls\"}"))))),
        "claude-sonnet-4-5",
        Map.of("max_tokens", "32000", "service_tier", "standard"),
        new Usage(
            Map.of(
                Usage.Bucket.INPUT, 4L,
                Usage.Bucket.INPUT_CACHED, 14000L,
                Usage.Bucket.OUTPUT, 300L)),
        new BigDecimal("0.0123"),
        START.plusMillis(20));
  }

  private static Observation tool(TraceSeed seed, SpanId root) {
    return new Observation.ToolCall(
        frame(seed.span(SpanKind.TOOL, "toolu_1"), root, "Bash", 41, 59, Level.ERROR),
        "toolu_1",
        new Content.Json(ContentKind.TOOL_INPUT, "{\"command\":\"ls\"}"),
        new Content.Text(ContentKind.TOOL_OUTPUT, "a.txt\nb.txt"));
  }
}
