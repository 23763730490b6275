package dev.turnpike.genai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.genai.SpanTurns.Ready;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TurnKey;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanBatch;
import dev.turnpike.otlp.SpanEnvelope;
import dev.turnpike.otlp.Value;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a trace is a turn that is over, whoever sent its spans. */
class SpanTurnsTest {
  private static final Instant START = Instant.parse("2026-11-29T04:30:42Z");
  private static final TraceId TRACE = new TraceId("a6801b9bf266cbc9de17e8aaff190b70");
  private static final TurnKey KEY = new TurnKey(TRACE.hex());
  private static final SpanId ROOT = new SpanId("00000000000000a1");
  private static final SpanId MISSING = new SpanId("00000000000000a2");
  private static final SpanId CALL = new SpanId("00000000000000a3");
  private static final Span TURN = span(ROOT, null, "invoke_agent");
  private static final Span ORPHAN = span(CALL, MISSING, "chat");

  private final Set<TurnKey> exported = new HashSet<>();
  private final List<String> counted = new ArrayList<>();
  private final SpanTurns turns =
      new SpanTurns(new Plain(), new AgentId("some"), exported::contains, counted::add);

  @Test
  void aTurnThatIsCompleteWaitsForNothing() {
    accept(TURN, span(CALL, ROOT, "chat"));
    assertEquals(TURN, turn(false, false).root());
    assertFalse(turns.open());
    assertEquals(List.of(), counted);
  }

  @Test
  void aTurnWaitsAFewSecondsForTheParentOfItsSpans() {
    accept(TURN, ORPHAN);
    assertEquals(Optional.empty(), turns.poll(false, false));
    assertTrue(turns.waiting());
    assertEquals(Set.of(new EventId("e")), turns.needed());
    assertEquals(TURN, turn(true, false).root());
    assertFalse(turns.waiting());
    assertEquals(Set.of(), turns.needed());
  }

  @Test
  void aTurnWaitsForNoParentOnceItsSenderLeft() {
    accept(TURN, ORPHAN);
    assertEquals(TURN, turn(false, true).root());
  }

  /** A turn can take hours: patience does not end it, the sender's end does. */
  @Test
  void aTurnWithoutItsOwnSpanEndsWhenItsSenderLeft() {
    accept(ORPHAN);
    assertEquals(Optional.empty(), turns.poll(true, false));
    assertFalse(turns.waiting());
    assertTrue(turns.open());
    Ready.Turn turn = turn(false, true);
    assertNull(turn.root());
    assertEquals(MISSING, turn.observations().getFirst().frame().id());
  }

  @Test
  void aTurnThatWentOutBeforeDoesNotAgain() {
    exported.add(KEY);
    accept(TURN);
    assertEquals(Optional.of(new Ready.Nothing("exported-before")), turns.poll(false, false));
    accept(TURN);
    assertEquals(List.of("span.after-turn"), counted);
    assertFalse(turns.open());
  }

  @Test
  void aSpanThatComesTwiceIsCounted() {
    accept(TURN);
    accept(TURN);
    assertEquals(List.of("span.again"), counted);
    assertEquals(1, turn(false, false).observations().size());
    accept(TURN);
    assertEquals(List.of("span.again", "span.again"), counted);
    assertEquals(Optional.empty(), turns.poll(true, true));
  }

  @Test
  void anEventWithoutSpansIsCounted() {
    turns.accept(event("{\"resourceSpans\":".getBytes(StandardCharsets.UTF_8)));
    assertEquals(List.of("event.malformed.spans"), counted);
    assertFalse(turns.open());
  }

  @Test
  void whatEveryModelCallRepeatsIsNotOfTheTurn() {
    assertFalse(Dialect.isOfTheTurn("gen_ai.system_instructions"));
    assertFalse(Dialect.isOfTheTurn("gen_ai.tool.definitions"));
    assertFalse(Dialect.isOfTheTurn("gen_ai.tool.description"));
    assertTrue(Dialect.isOfTheTurn("gen_ai.input.messages"));
    assertTrue(Dialect.isOfTheTurn("anything.else"));
  }

  private Ready.Turn turn(boolean patient, boolean left) {
    var turn = (Ready.Turn) turns.poll(patient, left).orElseThrow();
    assertEquals(KEY, turn.key());
    assertEquals(TRACE, turn.trace());
    return turn;
  }

  private void accept(Span... spans) {
    turns.accept(
        event(
            SpanEnvelope.write(
                new SpanEnvelope.Head(new SessionId("s"), TRACE, true),
                List.of(new SpanBatch(new Source(Map.of(), "", ""), List.of(spans))),
                attribute -> true)));
  }

  private static Event event(byte[] body) {
    return new Event(
        new EventId("e"),
        new AgentId("some"),
        START,
        new Caller(null, 0, "test", null, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(body));
  }

  private static Span span(SpanId id, @Nullable SpanId parent, String operation) {
    return new Span(
        TRACE,
        id,
        parent,
        operation,
        1,
        START,
        START.plusSeconds(9),
        Map.of("gen_ai.operation.name", new Value.Text(operation)),
        List.of(),
        0,
        "");
  }

  /** Of an emitter that has nothing of its own. */
  private record Plain() implements Dialect {
    @Override
    public boolean opensTurn(Span root, Collection<Span> spans) {
      return true;
    }

    @Override
    public Map<String, String> metadata() {
      return Map.of();
    }
  }
}
