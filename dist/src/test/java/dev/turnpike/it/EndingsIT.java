package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.LangfuseTrace;
import dev.turnpike.testing.Mode;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns that the agent never ended. */
class EndingsIT {
  /** Its third hook is the last before the agent was killed. */
  private static final String KILLED = "kill-during-tool";

  private static final int KILLED_AFTER = 3;

  @TempDir Path temp;

  @Test
  void aTurnIsClosedWhenItsAgentIsGone() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      try (Replay replay = place.replay(KILLED, RunningDaemon.tracedTo(server))) {
        replay.play(replay.part(0, KILLED_AFTER));
        assertEquals(1, place.daemon().flush().path("openTurns").asInt(), "while it works");
        assertEquals(0, server.traces().size());
      }
      place.daemon().flush();
      assertInterrupted(server);
    }
  }

  @Test
  void alsoWhenItWentWhileNoDaemonWasThere() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      try (Replay replay = place.replay(KILLED, RunningDaemon.tracedTo(server))) {
        replay.play(replay.part(0, KILLED_AFTER));
        place.daemon().flush();
        place.daemon().kill();
      }
      place.daemon().restart();
      place.daemon().flush();
      assertInterrupted(server);
    }
  }

  @Test
  void aTurnWithoutASignOfLifeIsClosedAfterTheIdleTime() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> soon =
          Workplace.with(RunningDaemon.tracedTo(server), "TURNPIKE_TURN_IDLE", "1s");
      try (Replay replay = place.replay(KILLED, soon)) {
        replay.play(replay.part(0, KILLED_AFTER));
        Await.until(
            "the turn is closed",
            RunningDaemon.PATIENCE,
            () -> place.daemon().flush().path("openTurns").asInt() == 0);
      }
      assertInterrupted(server);
    }
  }

  private static void assertInterrupted(FakeLangfuse server) {
    server.assertClean();
    LangfuseTrace trace = server.onlyTrace();
    assertEquals("WARNING", trace.root().orElseThrow().level());
    assertEquals(1, trace.ofType("TOOL").size());
    assertEquals("WARNING", trace.ofType("TOOL").getFirst().level());
  }
}
