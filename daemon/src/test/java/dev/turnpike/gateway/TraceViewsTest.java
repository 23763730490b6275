package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.turnpike.gateway.TraceArchive.Archived;
import dev.turnpike.gateway.api.Samples;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TraceViewsTest {
  private static final SpanId ROOT = new SpanId("0000000000000001");
  private static final SpanId TOOL = new SpanId("0000000000000002");
  private static final SpanId LATE = new SpanId("0000000000000003");

  @Test
  void partsOfATraceBecomeOneTreeInOrderOfTime() {
    var detail =
        TraceViews.detail(
            new Archived(
                List.of(
                    trace(root(), tool(TOOL, ROOT, 1)), trace(generation(LATE, TOOL, 5, "0.01"))),
                List.of()));
    assertEquals(1, detail.observations().size());
    var root = detail.observations().getFirst();
    assertEquals("agent", root.kind());
    var tool = root.children().getFirst();
    assertEquals("tool", tool.kind());
    assertEquals(LATE.hex(), tool.children().getFirst().id());
    assertEquals(3, detail.summary().observations());
    assertEquals(110L, detail.summary().tokens());
    assertEquals(new BigDecimal("0.01"), detail.summary().costUsd());
    assertEquals(Map.of("input", 100L, "output", 10L), detail.usage());
    // The turn's own length, not that of what ended after it.
    assertEquals(2000, detail.summary().durationMillis());
  }

  @Test
  void aTraceThatLiesHereTwiceIsCountedOnce() {
    var kept = trace(root(), tool(TOOL, ROOT, 1), generation(LATE, TOOL, 5, "0.01"));
    var waiting = trace(generation(LATE, TOOL, 5, "0.01"), tool(TOOL, ROOT, 1), root());
    var summary = TraceViews.summary(new Archived(List.of(kept, waiting), List.of()));
    assertEquals(3, summary.observations());
    assertEquals(110L, summary.tokens());
    assertEquals(new BigDecimal("0.01"), summary.costUsd());
  }

  @Test
  void aLatePartAloneIsShownAtTheTop() {
    var detail =
        TraceViews.detail(new Archived(List.of(trace(generation(LATE, TOOL, 5, null))), List.of()));
    assertEquals(LATE.hex(), detail.observations().getFirst().id());
    assertNull(detail.summary().costUsd());
  }

  @Test
  void parentsInACircleDoNotHang() {
    var detail =
        TraceViews.detail(
            new Archived(
                List.of(trace(root(), tool(TOOL, LATE, 1), tool(LATE, TOOL, 2))), List.of()));
    assertEquals(1, detail.observations().size());
  }

  @Test
  void messagesAreReadable() {
    var detail =
        TraceViews.detail(new Archived(List.of(trace(generation(LATE, ROOT, 1, null))), List.of()));
    assertEquals(
        "user: look\n(image/png, 12 bytes)\n\nassistant: (reasoning) hm\n(calls Bash) {}",
        detail.observations().getFirst().input());
    assertNull(detail.observations().getFirst().output());
  }

  private static Observation root() {
    return new Observation.AgentSpan(
        frame(ROOT, null, 0, 2), Content.prompt("fix"), Content.answer("done"));
  }

  private static Observation tool(SpanId id, SpanId parent, int second) {
    return new Observation.ToolCall(
        frame(id, parent, second, 1), "toolu_1", Content.NONE, Content.NONE);
  }

  private static Observation generation(
      SpanId id, SpanId parent, int second, @Nullable String cost) {
    return new Observation.Generation(
        frame(id, parent, second, 1),
        new Content.Messages(
            List.of(
                new Message(
                    "user",
                    List.of(
                        new Part.Text(ContentKind.PROMPT, "look"),
                        new Part.Media("image/png", 12))),
                new Message(
                    "assistant",
                    List.of(new Part.Reasoning("hm"), new Part.ToolUse("toolu_1", "Bash", "{}"))))),
        Content.NONE,
        "claude-sonnet-4-5",
        Map.of(),
        new Usage(Map.of(Bucket.INPUT, 100L, Bucket.OUTPUT, 10L)),
        cost == null ? null : new BigDecimal(cost),
        null);
  }

  private static Frame frame(SpanId id, @Nullable SpanId parent, int second, int seconds) {
    var start = Samples.START.plusSeconds(second);
    return new Frame(
        id, parent, "x", start, start.plusSeconds(seconds), Level.DEFAULT, null, Map.of());
  }

  private static Trace trace(Observation... observations) {
    var context =
        new TraceContext(
            new AgentId("claude-code"),
            Samples.SESSION,
            "dev",
            List.of(),
            "a turn",
            null,
            null,
            null,
            Map.of());
    return new Trace(new TraceId(Samples.TRACE), context, List.of(observations));
  }
}
