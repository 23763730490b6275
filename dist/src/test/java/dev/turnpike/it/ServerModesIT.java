package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.nio.file.Path;
import java.util.List;
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
      place.assertAllIsThere(server);
      assertEquals(exporter, place.onlyDestination("langfuse").path("exporter").asText());
    }
  }
}
