package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.Samples;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TraceJsonTest {
  @Test
  void anyTraceComesBackExactly() throws IOException {
    for (long seed = 0; seed < 3000; seed++) {
      var body = new Body(Samples.session(1), DestinationId.LOCAL, Traces.any(seed));
      assertEquals(body, Body.read(body.compress()), "seed " + seed);
    }
  }

  @Test
  void theSameTraceGivesTheSameBytes() {
    var one = new Body(Samples.session(1), DestinationId.LOCAL, Traces.any(5));
    var two = new Body(Samples.session(1), DestinationId.LOCAL, Traces.any(5));
    assertTrue(Arrays.equals(one.compress(), two.compress()));
  }

  @Test
  void damageIsAnIOException() {
    byte[] whole =
        new Body(Samples.session(1), DestinationId.LOCAL, Traces.turn(1, 5, 50)).compress();
    for (int length = 0; length < whole.length - 8; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(IOException.class, () -> Body.read(cut));
    }
  }

  @Test
  void aTraceIsSplitBySpansAndBytesWithItsRootLast() {
    for (int children : List.of(0, 1, 199, 200, 450)) {
      Trace trace = Traces.turn(1, children, 10);
      splitIsWhole(trace, split(trace, 1 << 20), 200);
    }
    Trace heavy = Traces.turn(1, 20, 10_000);
    List<Trace> parts = split(heavy, 50_000);
    splitIsWhole(heavy, parts, 200);
    assertTrue(parts.size() >= 5);
    Trace giant = Traces.turn(1, 2, 100_000);
    assertEquals(3, split(giant, 1_000).size(), "one span is never split");
  }

  private static List<Trace> split(Trace trace, long bytes) {
    var parts = new ArrayList<Trace>();
    try (var writer = new BodyWriter()) {
      writer.begin(Samples.session(1), DestinationId.LOCAL, trace);
      TraceSplit.split(trace, 200, bytes, writer, part -> parts.add(part.trace()));
    }
    return parts;
  }

  private static void splitIsWhole(Trace trace, List<Trace> parts, int limit) {
    var spans = new ArrayList<SpanId>();
    for (Trace part : parts) {
      assertTrue(part.observations().size() <= limit);
      part.observations().forEach(observation -> spans.add(observation.frame().id()));
    }
    assertEquals(ids(trace.observations()), Set.copyOf(spans));
    assertEquals(trace.observations().size(), spans.size());
    assertEquals(trace.observations().getFirst().frame().id(), spans.getLast(), "the root is last");
  }

  private static Set<SpanId> ids(List<Observation> observations) {
    return observations.stream().map(o -> o.frame().id()).collect(Collectors.toSet());
  }

  @Test
  void aSingleSpanIsCutTwiceAndThenNoMore() {
    Trace single =
        new Trace(
            Traces.id(1),
            Traces.turn(1, 1, 1).context(),
            List.of(Traces.turn(1, 1, 200_000).observations().getLast()));
    Trace first = TraceSplit.cut(single).orElseThrow();
    Trace second = TraceSplit.cut(first).orElseThrow();
    assertTrue(Traces.bytes(first.observations().getFirst()) < 66_500);
    assertTrue(Traces.bytes(second.observations().getFirst()) < 5_000);
    assertTrue(TraceSplit.cut(second).isEmpty());
    assertEquals(
        single.observations().getFirst().frame().id(),
        second.observations().getFirst().frame().id());
  }
}
