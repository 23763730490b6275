package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.it.RunningDaemon.Said;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Daemons that start beside each other, sockets that are stale or gone, clocks, sleep. */
class LifeCycleIT {
  private static final int RACERS = 4;

  @TempDir Path temp;

  @Test
  void ofDaemonsThatStartTogetherOneServesAndTheOthersLeave() throws Exception {
    Path home = temp.resolve("tp");
    for (int round = 0; round < 2; round++) {
      var racers = new ArrayList<RunningDaemon>();
      try {
        for (int i = 0; i < RACERS; i++) {
          racers.add(RunningDaemon.launch(home, Map.of()));
        }
        Await.until(
            "all but one have left",
            RunningDaemon.PATIENCE,
            () -> racers.stream().filter(RunningDaemon::alive).count() == 1);
        RunningDaemon winner =
            racers.stream().filter(RunningDaemon::alive).findFirst().orElseThrow();
        winner.awaitReady();
        assertEquals(winner.pid(), winner.serving().pid());
        for (RunningDaemon racer : racers) {
          if (racer != winner) {
            assertEquals(0, racer.awaitEnd(), racer::log);
          }
        }
        assertTrue(winner.log().contains("a daemon is running already"), winner::log);
      } finally {
        // killed: the next round finds a stale socket, and a lock file that nobody holds
        racers.forEach(RunningDaemon::close);
      }
      assertTrue(Files.exists(home.resolve("turnpike.sock")));
    }
  }

  @Test
  void whoeverCallsStartFindsARunningDaemon() throws Exception {
    Path home = temp.resolve("tp");
    try (var people = Executors.newFixedThreadPool(RACERS)) {
      Callable<Said> start = () -> RunningDaemon.command(home, Map.of(), "start");
      for (var said : people.invokeAll(List.of(start, start, start))) {
        assertEquals(0, said.get().exit(), said.get().text());
      }
    } finally {
      assertEquals(0, RunningDaemon.command(home, Map.of(), "stop").exit());
    }
  }

  @Test
  void restartEndsOneAndStartsAnother() throws Exception {
    try (var daemon = RunningDaemon.start(temp.resolve("tp"))) {
      try {
        Said said = daemon.command("restart");
        assertEquals(0, said.exit(), said.text());
        assertEquals(0, daemon.awaitEnd());
        assertNotEquals(daemon.pid(), daemon.serving().pid());
      } finally {
        assertEquals(0, daemon.command("stop").exit());
      }
    }
  }

  @Test
  void aSocketThatIsRemovedComesBackAndNothingIsLost() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      place.play("multi-tool", RunningDaemon.tracedTo(server));
      Files.delete(place.daemon().socket());
      place.play("subagent", RunningDaemon.tracedTo(server));
      place.daemon().awaitReady();
      place.play("parallel-tools", RunningDaemon.tracedTo(server));
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  @Test
  void theSocketOfAnotherIsLeftAlone() throws Exception {
    Path socket = temp.resolve("other.sock");
    try (var other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(socket));
      Object file = Files.getAttribute(socket, "unix:ino");
      try (var daemon =
          RunningDaemon.launch(temp.resolve("tp"), Map.of("TURNPIKE_SOCKET", socket.toString()))) {
        assertEquals(1, daemon.awaitEnd(), daemon::log);
        assertTrue(daemon.log().contains("listens on " + socket), daemon::log);
      }
      assertEquals(file, Files.getAttribute(socket, "unix:ino"));
    }
  }

  /**
   * The hook client's clock and the files' times stay where they are: of the daemon's own, the past
   * is what they never contradict.
   */
  @Test
  void aClockThatIsSetChangesNothing() throws Exception {
    Path moved = temp.resolve("moved");
    Files.writeString(moved, "0");
    Map<String, String> environment =
        CSource.movedClock(CSource.library("moved-clock", temp), moved);
    try (var place = Workplace.open(temp, environment);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> traced = RunningDaemon.tracedTo(server);
      try (Replay working = place.replay("multi-tool", traced)) {
        int all = working.events().size();
        working.play(working.part(0, 4));
        Files.writeString(moved, "-172800");
        working.play(working.part(4, 7));
        place.play("parallel-tools", traced);
        Files.writeString(moved, "0");
        place.play("subagent", traced);
        working.play(working.part(7, 9));
        Files.writeString(moved, "-172800");
        place.daemon().terminate();
        Files.writeString(moved, "0");
        place.daemon().restart();
        working.play(working.part(9, all));
      }
      Files.writeString(moved, "-5");
      place.daemon().flush();
      place.assertAllIsThere(server);
      assertEquals(0, place.daemon().status().path("problems").size(), place.daemon()::log);
    }
  }

  @Test
  void whatHappensWhileTheDaemonSleepsIsTakenUpWhenItWakes() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> traced = RunningDaemon.tracedTo(server);
      try (Replay working = place.replay("multi-tool", traced)) {
        int all = working.events().size();
        working.play(working.part(0, 4));
        signal("STOP", place.daemon().pid());
        working.play(working.part(4, all));
        place.play("subagent", traced);
        signal("CONT", place.daemon().pid());
      }
      place.play("parallel-tools", traced);
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  /** As it is where no service is installed: daemons come and go, hooks start them. */
  @Test
  void withoutAManagerTheNextHookStartsADaemonThatHasLeft() throws Exception {
    Path home = Files.createDirectories(temp.resolve("tp"));
    // in the settings: the environment of a hook is that of one project's agent
    Files.writeString(home.resolve("config"), "TURNPIKE_IDLE_EXIT=1s\n");
    Map<String, String> starting =
        Map.of("TURNPIKE_AUTOSTART", "true", "JAVA_HOME", System.getProperty("java.home"));
    try (var daemon = RunningDaemon.start(home)) {
      assertEquals(0, daemon.awaitEnd(), daemon::log);
      byte[] payload =
          "{\"hook_event_name\":\"SessionEnd\",\"session_id\":\"s-1\"}"
              .getBytes(StandardCharsets.UTF_8);
      new HookClient(home).call("claude-code", payload, starting, temp);
      Await.until("another one has started", RunningDaemon.PATIENCE, () -> starts(home) == 2);
      Await.until("it has left", RunningDaemon.PATIENCE, () -> Files.notExists(daemon.socket()));
      assertEquals(0, new HookClient(home).spooled(), "it has taken the event over");
    }
  }

  private static long starts(Path home) throws IOException {
    return Files.readString(home.resolve("log/turnpike.log"))
        .lines()
        .filter(line -> line.contains("listening on"))
        .count();
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
    assertEquals(0, kill.waitFor());
  }
}
