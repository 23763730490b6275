package dev.turnpike.agent.copilot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.genai.SpanTurns;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanBatch;
import dev.turnpike.otlp.SpanEnvelope;
import dev.turnpike.otlp.Value;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Copilot 1.0.102 puts the event of an abort now on the turn's span, now on its model call's. */
class AbortedTurnTest {
  private static final Instant START = Instant.parse("2026-11-29T04:30:42Z");
  private static final SpanId ROOT = new SpanId("655f4a69a569e364");
  private static final Span.Happening ABORT =
      new Span.Happening(
          "github.copilot.session.abort",
          START,
          Map.of("github.copilot.abort_reason", new Value.Text("user_initiated")));

  private static final Span.Happening OTHER =
      new Span.Happening(
          "github.copilot.session.abort",
          START,
          Map.of("github.copilot.abort_reason", new Value.Text("other")));

  private static final Instant LATER = START.plusSeconds(1);
  private static final Circumstances PATIENT = new Circumstances(true, false, false, true, false);

  private static Span span(
      SpanId id, @Nullable SpanId parent, String operation, List<Span.Happening> events) {
    return new Span(
        new TraceId("a6801b9bf266cbc9de17e8aaff190b70"),
        id,
        parent,
        operation,
        1,
        START,
        START.plusSeconds(9),
        Map.of("gen_ai.operation.name", new Value.Text(operation)),
        events,
        0,
        "");
  }

  private static void assertAborted(List<Span.Happening> ofRoot, List<Span.Happening> ofCall) {
    var turns = spanTurns();
    List<Span> spans =
        List.of(
            span(new SpanId("00000000000000a1"), ROOT, "chat", ofCall),
            span(ROOT, null, "invoke_agent", ofRoot));
    turns.accept(event(body(spans)));
    var turn = (SpanTurns.Ready.Turn) turns.poll(false, false).orElseThrow();
    var root =
        turn.observations().getFirst().frame().parent() == null
            ? turn.observations().getFirst()
            : turn.observations().getLast();
    assertEquals(Level.WARNING, root.frame().level());
    assertEquals("aborted: user_initiated", root.frame().statusMessage());
  }

  @Test
  void theTurnIsAWarningWhereverTheEventIs() {
    assertAborted(List.of(ABORT), List.of());
    assertAborted(List.of(), List.of(ABORT));
  }

  /** Interrupted, the CLI may end without having sent the turn's own span. */
  @Test
  void aTurnWithoutItsOwnSpanEndsWithItsSession() {
    var assembler = new CopilotAssembler(ref(), new SessionFolder(Path.of("/nowhere"), "s"));
    hear(assembler, "userPromptSubmitted", 1000);
    send(assembler);
    assertEquals(Optional.empty(), assembler.poll(PATIENT));
    hear(assembler, "sessionEnd", 2000);
    assertTrue(assembler.awaitingRows(), "it may come yet");
    assertEquals(Optional.empty(), assembler.poll(Circumstances.ORDINARY));
    var turn = (Finished.ClosedTurn) assembler.poll(PATIENT).orElseThrow();
    Observation root = turn.observations().getFirst();
    assertEquals(ROOT, root.frame().id());
    assertEquals(Level.WARNING, root.frame().level());
    assertFalse(assembler.open());
  }

  @Test
  void aTurnWithoutItsOwnSpanEndsWithItsAgent() {
    var gone = new Circumstances(true, true, false, false, false);
    var idle = new Circumstances(true, false, true, false, false);
    for (Circumstances over : List.of(gone, idle)) {
      var assembler = new CopilotAssembler(ref(), new SessionFolder(Path.of("/nowhere"), "s"));
      send(assembler);
      assertEquals(Optional.empty(), assembler.poll(PATIENT));
      var turn = (Finished.ClosedTurn) assembler.poll(over).orElseThrow();
      assertEquals(ROOT, turn.observations().getFirst().frame().id());
    }
  }

  /** Its key and why it ended are found in the spans there are, whichever of them came first. */
  @Test
  void aTurnWithoutItsOwnSpanIsTheSameInWhateverOrderItsSpansCome() {
    Span call =
        called(span(new SpanId("00000000000000a2"), ROOT, "chat", List.of(ABORT)), START, "turn");
    Span later =
        called(span(new SpanId("00000000000000a1"), ROOT, "chat", List.of(OTHER)), LATER, "other");
    for (List<Span> spans : List.of(List.of(call, later), List.of(later, call))) {
      var turns = spanTurns();
      turns.accept(event(body(spans)));
      var turn = (SpanTurns.Ready.Turn) turns.poll(false, true).orElseThrow();
      assertEquals(new TurnKey("turn"), turn.key());
      Frame root = turn.observations().getFirst().frame();
      assertEquals("aborted: user_initiated", root.statusMessage());
      assertEquals(START, root.start());
    }
  }

  /** A key that says nothing is none: the trace's id stands for it. */
  @Test
  void aBlankIdOfATurnIsNoKey() {
    var blank =
        new Span.Happening(
            "github.copilot.user.message",
            START,
            Map.of("github.copilot.user.message.interaction_id", new Value.Text(" ")));
    Span root = span(ROOT, null, "invoke_agent", List.of(blank));
    assertEquals(new TurnKey(root.trace().hex()), new CopilotSpans().key(root, List.of(root)));
  }

  private static Span called(Span span, Instant start, String interaction) {
    var attributes = new HashMap<String, Value>(span.attributes());
    attributes.put("github.copilot.interaction_id", new Value.Text(interaction));
    return new Span(
        span.trace(),
        span.id(),
        span.parent(),
        span.name(),
        span.kind(),
        start,
        span.end(),
        attributes,
        span.events(),
        span.status(),
        span.statusMessage());
  }

  @Test
  void aSessionThatBeganAgainHasNotEnded() {
    var assembler = new CopilotAssembler(ref(), new SessionFolder(Path.of("/nowhere"), "s"));
    hear(assembler, "sessionEnd", 2000);
    hear(assembler, "sessionStart", 3000);
    send(assembler);
    assertEquals(Optional.empty(), assembler.poll(PATIENT));
    assertTrue(assembler.open());
  }

  private static SessionRef ref() {
    return new SessionRef(
        new SessionKey(Copilot.ID, new SessionId("s")),
        Optional.empty(),
        turn -> false,
        (turn, number, prompt) -> TraceSeed.of(Copilot.ID, turn),
        reason -> {});
  }

  private static void hear(CopilotAssembler assembler, String name, long at) {
    var hook = new CopilotSignal.Hook(name, at, true, null, null);
    assembler.accept(
        event(new byte[0]),
        new CopilotSignal(new SessionId("s"), Moment.ACTIVITY, Optional.empty(), hook));
  }

  private static void send(CopilotAssembler assembler) {
    Span call = span(new SpanId("00000000000000a1"), ROOT, "chat", List.of());
    assembler.accept(
        event(body(List.of(call))),
        new CopilotSignal(new SessionId("s"), Moment.ACTIVITY, Optional.empty(), null));
  }

  private static SpanTurns spanTurns() {
    return new SpanTurns(new CopilotSpans(), Copilot.ID, turn -> false, reason -> {});
  }

  private static byte[] body(List<Span> spans) {
    return SpanEnvelope.write(
        new SpanEnvelope.Head(new SessionId("s"), spans.getFirst().trace(), false),
        List.of(new SpanBatch(new Source(Map.of(), "", ""), spans)),
        attribute -> true);
  }

  private static Event event(byte[] body) {
    return new Event(
        new EventId("e" + body.length),
        Copilot.ID,
        START,
        new Caller(null, 0, "test", null, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(body));
  }
}
