package dev.turnpike.agent.copilot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.genai.SpanTurns;
import dev.turnpike.model.EventId;
import dev.turnpike.model.Level;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanBatch;
import dev.turnpike.otlp.Value;
import java.time.Instant;
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
    var ref =
        new SessionRef(
            new SessionKey(Copilot.ID, new SessionId("s")),
            Optional.empty(),
            turn -> false,
            (turn, number, prompt) -> TraceSeed.of(Copilot.ID, turn),
            reason -> {});
    var turns = new SpanTurns(new CopilotSpans(), ref);
    List<Span> spans =
        List.of(
            span(new SpanId("00000000000000a1"), ROOT, "chat", ofCall),
            span(ROOT, null, "invoke_agent", ofRoot));
    turns.accept(new EventId("e"), List.of(new SpanBatch(new Source(Map.of(), "", ""), spans)));
    var turn = (SpanTurns.Ready.Turn) turns.poll(Circumstances.ORDINARY).orElseThrow();
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
}
