package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.LangfuseTrace;
import dev.turnpike.testing.Mode;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same turns, whatever kind of Langfuse receives them. */
class ServerModesIT {
  private static final List<String> CAPTURES =
      List.of("multi-tool", "subagent", "background-subagent", "interactive", "stop-failure");

  @TempDir Path temp;

  static Stream<Arguments> servers() {
    return Stream.of(
        Arguments.of(Mode.EVENTS_ONLY, "otlp"),
        Arguments.of(Mode.DUAL, "otlp"),
        Arguments.of(Mode.legacy("3.60.0"), "otlp"),
        Arguments.of(Mode.legacy("3.30.0"), "classic"),
        Arguments.of(Mode.legacy("2.95.0"), "classic"));
  }

  @ParameterizedTest
  @MethodSource("servers")
  void turnsArriveWhole(Mode mode, String exporter) throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(mode)) {
      for (String capture : CAPTURES) {
        place.play(capture, RunningDaemon.tracedTo(server));
      }
      place.daemon().flush();
      if (mode.atLeast(3, 59, 0)) {
        place.assertAllIsThere(server);
      } else {
        assertEveryTurnIsThere(place, server);
      }
      assertEquals(exporter, place.onlyDestination("langfuse").path("exporter").asText());
    }
  }

  /** For servers that store agents and tools as plain spans, and know fewer kinds of tokens. */
  private static void assertEveryTurnIsThere(Workplace place, FakeLangfuse server) {
    server.assertClean();
    var wanted = new TreeMap<String, Long>();
    for (var played : place.played().entrySet()) {
      for (JsonNode turn : played.getKey().expected(played.getValue()).path("turns")) {
        wanted.merge(
            turn.path("session_id").asText(),
            turn.path("counts_with_subagents").path("generations").asLong(),
            Long::sum);
      }
    }
    var got = new TreeMap<String, Long>();
    for (LangfuseTrace trace : server.traces()) {
      long answered =
          trace.ofType("GENERATION").stream().filter(row -> !row.usage().isEmpty()).count();
      got.merge(String.valueOf(trace.sessionId()), answered, Long::sum);
    }
    assertEquals(wanted, got);
  }
}
