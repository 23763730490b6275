package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.it.Replay.Happening;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.NotChecked;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel kills the daemon at its n-th fdatasync, rename, unlink and so on, for n = 1, 2, 3
 * until a whole life passes without one. Like {@link EveryWriteIT}, but the real process and the
 * real system calls. Linux with strace; only with {@code -Dturnpike.strace=FILE}, the program's
 * path.
 */
class SyscallCrashIT {
  private record Call(String names, int stride) {}

  /**
   * A write is also a line of the log or an answer on the socket: not each of them is of interest.
   */
  private static final List<Call> CALLS =
      List.of(
          new Call("fdatasync,fsync", 1),
          new Call("rename,renameat,renameat2", 1),
          new Call("unlink,unlinkat", 2),
          new Call("ftruncate", 1),
          new Call("pwrite64,pwritev", 3),
          new Call("write,writev", 15));

  private static final int CALLS_AT_MOST = 600;
  private static final List<String> CAPTURES = List.of("multi-tool", "background-subagent");

  @TempDir Path temp;

  @TestFactory
  Stream<DynamicTest> nothingIsLostOrDoubled() {
    NotChecked.unless(
        !System.getProperty("turnpike.strace", "").isEmpty(),
        "kills at single system calls are tried with -Dturnpike.strace=FILE only; EveryWriteIT"
            + " tries the same moments in its own process");
    return CALLS.stream().map(call -> DynamicTest.dynamicTest(call.names(), () -> each(call)));
  }

  private void each(Call call) throws Exception {
    int kills = 0;
    int at = 1;
    while (at < CALLS_AT_MOST && killedAt(call, at)) {
      kills++;
      at += call.stride();
    }
    System.out.printf("%s: %d kills, up to the %d. call%n", call.names(), kills, at);
    assertTrue(at < CALLS_AT_MOST, "a life should not have so many calls of " + call.names());
  }

  /** Whether it came to so many such calls in its life. */
  private boolean killedAt(Call call, int at) throws Exception {
    Path folder = temp.resolve(call.names().split(",", -1)[0] + at);
    boolean killed;
    try (var server = FakeLangfuse.start(dev.turnpike.testing.Mode.EVENTS_ONLY)) {
      var homes = new LinkedHashMap<Fixture, Path>();
      Deque<Happening> script = Decks.of(CAPTURES, folder, homes, server, new Random(at));
      Path home = folder.resolve("tp");
      var daemon = RunningDaemon.launch(home, Map.of());
      try (daemon) {
        daemon.kill();
        daemon.relaunchUnder(watcher(call, at));
        killed = firstLife(daemon, script);
        if (!killed) {
          daemon.kill();
        }
        daemon.restart();
        Decks.play(script, Integer.MAX_VALUE);
        daemon.flush();
        Judgement.assertRight(homes, server, Copies.IDENTICAL);
      } catch (AssertionError e) {
        throw new AssertionError(
            "killed at call %d of %s: %s%n%s"
                .formatted(at, call.names(), e.getMessage(), daemon.log()),
            e);
      }
    }
    return killed;
  }

  /**
   * Plays most of the script and has it sent; true when the daemon did not live to the end of it.
   */
  private static boolean firstLife(RunningDaemon daemon, Deque<Happening> script)
      throws IOException, InterruptedException {
    Await.until(
        "the daemon answers or is killed",
        RunningDaemon.PATIENCE,
        () -> !daemon.alive() || daemon.ready());
    Decks.play(script, script.size() * 3 / 4);
    if (daemon.alive()) {
      daemon.askAndForget("POST", "/v1/flush?wait=500ms");
    }
    return !daemon.alive();
  }

  private static List<String> watcher(Call call, int at) {
    return List.of(
        System.getProperty("turnpike.strace"),
        "-f",
        "-qqq",
        "-o",
        "/dev/null",
        "-e",
        "trace=" + call.names(),
        "-e",
        "inject=" + call.names() + ":signal=SIGKILL:when=" + at);
  }
}
