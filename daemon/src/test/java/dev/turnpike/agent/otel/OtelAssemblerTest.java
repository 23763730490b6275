package dev.turnpike.agent.otel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
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
import dev.turnpike.otlp.SpanEnvelope;
import dev.turnpike.otlp.Value;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the worker knows of a session decides when a turn lacks its own span for good. */
class OtelAssemblerTest {
  private static final SessionId SESSION = new SessionId("s");
  private static final Instant START = Instant.parse("2026-11-29T04:30:42Z");
  private static final SpanId MISSING = new SpanId("00000000000000a1");
  private static final Circumstances PATIENT = new Circumstances(true, false, false, true, false);

  @Test
  void aTurnWithoutItsOwnSpanEndsWhenItsAgentIsGone() {
    assertEnds(new Circumstances(true, true, false, false, false));
  }

  @Test
  void aTurnWithoutItsOwnSpanEndsWhenNothingIsHeard() {
    assertEnds(new Circumstances(true, false, true, false, false));
  }

  private static void assertEnds(Circumstances over) {
    TurnAssembler<OtelSignal> assembler = calledOnce();
    assertEquals(Optional.empty(), assembler.poll(Circumstances.ORDINARY));
    assertEquals(Optional.empty(), assembler.poll(PATIENT));
    assertTrue(assembler.open());
    var turn = (ClosedTurn) assembler.poll(over).orElseThrow();
    assertEquals(MISSING, turn.observations().getFirst().frame().id());
    assertEquals(Level.WARNING, turn.observations().getFirst().frame().level());
    assertFalse(assembler.open());
  }

  /** A model call is there, the span above it is not. */
  private static TurnAssembler<OtelSignal> calledOnce() {
    var otel = new Otel(new OtelInstaller());
    TurnAssembler<OtelSignal> assembler =
        otel.assembler(
            new SessionRef(
                new SessionKey(Otel.ID, SESSION),
                Optional.empty(),
                turn -> false,
                (turn, number, prompt) -> TraceSeed.of(Otel.ID, turn),
                reason -> {}));
    Event event = event();
    if (!(otel.interpret(event) instanceof Interpretation.Understood<OtelSignal>(var signal))) {
      throw new AssertionError("not understood");
    }
    assembler.accept(event, signal);
    return assembler;
  }

  private static Event event() {
    var call =
        new Span(
            new TraceId("a6801b9bf266cbc9de17e8aaff190b70"),
            new SpanId("00000000000000a2"),
            MISSING,
            "chat",
            1,
            START,
            START.plusSeconds(9),
            Map.of("gen_ai.operation.name", new Value.Text("chat")),
            List.of(),
            0,
            "");
    byte[] body =
        SpanEnvelope.write(
            new SpanEnvelope.Head(SESSION, call.trace(), false),
            List.of(new SpanBatch(new Source(Map.of(), "", ""), List.of(call))),
            attribute -> true);
    return new Event(
        new EventId("e"),
        Otel.ID,
        START,
        new Caller(null, 0, "otlp", SpanEnvelope.EVENT_NAME, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(body));
  }
}
