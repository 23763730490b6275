package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.turnpike.agent.claudecode.ClaudeCode;
import dev.turnpike.agent.claudecode.ClaudeCodeInstaller;
import dev.turnpike.daemon.Daemon;
import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.it.Replay.Pace;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.FaultyFiles.Fate;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The disk has no room for one of the daemon's rooms, or for any, from the middle of a session on
 * and for a while: no matter which, all of it arrives once there is room again. Needs no right to
 * mount anything.
 */
class RefusingDiskIT {
  private static final String THREE_TURNS = "resume-twice";
  private static final int STOP_OF_THE_SECOND = 6;
  private static final int END = 12;

  /** Small segments: compactions fail too. */
  private static final JournalLimits SMALL =
      new JournalLimits(
          12 * 1024, 1 << 20, Duration.ofMillis(20), 12 * 1024, 10_000, Duration.ofDays(90), 4000);

  @TempDir Path temp;

  @BeforeAll
  static void quiet() {
    ((Logger) org.slf4j.LoggerFactory.getLogger("dev.turnpike")).setLevel(Level.OFF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"state", "journal", "outbox", "inbox", "traces", "spool"})
  void noRoomFor(String room) throws Exception {
    Path home = temp.resolve("tp");
    var files = FaultyFiles.faultless();
    Fixture fixture = Fixture.named(THREE_TURNS);
    Path developer = temp.resolve(THREE_TURNS);
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        Daemon daemon = start(home, files)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      var replay =
          new Replay(fixture, developer, Replay.Mode.NORMAL, 1, home, call).at(Pace.WITHOUT_GAPS);
      replay.play(replay.part(0, STOP_OF_THE_SECOND - 1));
      files.plan(
          (operation, what, file) ->
              file.toString().contains("/" + room) && !what.equals("delete")
                  ? what.equals("write") ? Fate.HALF : Fate.FAILS
                  : Fate.WORKS);
      replay.play(replay.part(STOP_OF_THE_SECOND - 1, STOP_OF_THE_SECOND));
      ask(daemon, "POST", "/v1/flush?wait=1s");
      files.plan((operation, what, file) -> Fate.WORKS);
      replay.play(replay.part(STOP_OF_THE_SECOND, END));
      replay.close();
      Await.until(
          "it is ready again",
          RunningDaemon.PATIENCE,
          () -> ask(daemon, "GET", "/v1/health").status() == 200);
      DaemonSocket.Answer flushed = ask(daemon, "POST", "/v1/flush?wait=60s");
      assertEquals(200, flushed.status(), flushed.text());
      Judgement.assertRight(Map.of(fixture, developer), server, Copies.IDENTICAL);
    }
  }

  private static DaemonSocket.Answer ask(Daemon daemon, String method, String target)
      throws IOException {
    return new DaemonSocket(daemon.socket()).ask(method, target);
  }

  private Daemon start(Path home, FaultyFiles files) throws IOException {
    Map<String, String> environment =
        Map.of("TURNPIKE_HOME", home.toString(), "TURNPIKE_DESTINATIONS", "all");
    long uid = ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    return Daemon.start(
        new Daemon.World(
            Paths.of(environment, temp, Os.current(), uid),
            temp,
            environment,
            List.of(new ClaudeCode(new ClaudeCodeInstaller())),
            InstantSource.system(),
            new Daemon.Disk(files, SMALL),
            null));
  }
}
