package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.turnpike.agent.claudecode.ClaudeCode;
import dev.turnpike.agent.claudecode.ClaudeCodeInstaller;
import dev.turnpike.daemon.Daemon;
import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.it.Replay.Happening;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import dev.turnpike.testing.FakeLangfuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The disk stops at every write, fsync, rename and deletion that a life of the daemon makes, one
 * after the other: half of that one reaches the disk, nothing after it does, as if the process had
 * been killed there. The next life dies too, while it recovers. What the third finds is enough:
 * every turn arrives, whole; only what was on its way may come again as it was. Segments are small,
 * so that many of these moments lie in a compaction.
 *
 * <p>{@code -Dturnpike.every=3} takes each third operation; the seed of the second death is printed
 * and {@code -Dturnpike.seed=N} plays it again.
 */
class EveryWriteIT {
  private static final int STRIDE = Integer.getInteger("turnpike.every", 1);
  private static final int DIES_RECOVERING_WITHIN = 12;
  private static final int LEAST_OPERATIONS = 40;
  private static final JournalLimits SMALL =
      new JournalLimits(
          12 * 1024, 1 << 20, Duration.ofMillis(20), 12 * 1024, 10_000, Duration.ofDays(90), 4000);
  private static final List<String> CAPTURES =
      List.of("simple-turn", "multi-tool", "background-subagent", "stop-failure");

  @TempDir Path temp;

  @BeforeAll
  static void quiet() {
    // what a dead disk makes the daemon say, hundreds of times, tells nothing here
    ((Logger) LoggerFactory.getLogger("dev.turnpike")).setLevel(Level.OFF);
    ((Logger) LoggerFactory.getLogger("io.netty")).setLevel(Level.OFF);
  }

  @Test
  void whereverTheDiskStopsNothingIsLostOrDoubled() throws Exception {
    long seed = Long.getLong("turnpike.seed", System.nanoTime());
    var random = new Random(seed);
    int operations = Integer.MAX_VALUE;
    int deaths = 0;
    for (int at = 1; at <= operations; at += STRIDE) {
      try {
        int reached = round(at, random);
        deaths += 2;
        operations = reached < at ? reached : Integer.MAX_VALUE;
      } catch (AssertionError e) {
        throw new AssertionError(
            "seed %d, died at operation %d: %s".formatted(seed, at, e.getMessage()), e);
      }
    }
    System.out.printf(
        "seed %d: %d deaths, at each %d. of the %d operations of a life%n",
        seed, deaths, STRIDE, operations);
    // how many steps share a commit depends on the machine; with far fewer there were no turns
    assertTrue(operations > LEAST_OPERATIONS, "a life has more operations than " + operations);
  }

  /** Returns how many operations the first life got to. */
  private int round(int at, Random random) throws Exception {
    Path folder = temp.resolve("at-" + at);
    var homes = new LinkedHashMap<Fixture, Path>();
    var first = FaultyFiles.killedAt(at);
    try (var server = FakeLangfuse.start(dev.turnpike.testing.Mode.EVENTS_ONLY)) {
      Deque<Happening> script = Decks.of(CAPTURES, folder, homes, server, new Random(at));
      int most = script.size() * 3 / 4;
      live(
          folder,
          first,
          () -> {
            Decks.play(script, most);
            tryToFlush(folder);
          });
      live(
          folder,
          FaultyFiles.killedAt(1 + random.nextInt(DIES_RECOVERING_WITHIN)),
          () -> Decks.play(script, 1));
      live(
          folder,
          FaultyFiles.faultless(),
          () -> {
            Decks.play(script, Integer.MAX_VALUE);
            flush(folder);
          });
      Judgement.assertRight(homes, server, Copies.IDENTICAL);
    }
    delete(folder);
    return first.operations();
  }

  private interface Life {
    void pass() throws Exception;
  }

  /** A daemon in this process; one that cannot even start on such a disk is a short life too. */
  private static void live(Path folder, FaultyFiles files, Life life) throws Exception {
    Path home = folder.resolve("tp");
    Map<String, String> environment =
        Map.of("TURNPIKE_HOME", home.toString(), "TURNPIKE_DESTINATIONS", "all");
    Paths paths = Paths.of(environment, folder, Os.current(), ownUid());
    Daemon daemon;
    try {
      daemon =
          Daemon.start(
              new Daemon.World(
                  paths,
                  folder,
                  environment,
                  List.of(new ClaudeCode(new ClaudeCodeInstaller())),
                  InstantSource.system(),
                  new Daemon.Disk(files, SMALL),
                  null));
    } catch (IOException e) {
      life.pass();
      return;
    }
    try (daemon) {
      life.pass();
    }
  }

  /** On a dead disk it comes to nothing, and where nobody listens it does not even begin. */
  private static void tryToFlush(Path folder) {
    try {
      ask(folder, "300ms");
    } catch (IOException e) {
      LoggerFactory.getLogger(EveryWriteIT.class).debug("no flush: {}", e.toString());
    }
  }

  private static DaemonSocket.Answer ask(Path folder, String wait) throws IOException {
    return new DaemonSocket(folder.resolve("tp/turnpike.sock"))
        .ask("POST", "/v1/flush?wait=" + wait);
  }

  private static void flush(Path folder) throws IOException {
    DaemonSocket.Answer answer = ask(folder, "60s");
    if (answer.status() != 200
        || !Fixture.JSON.readTree(answer.body()).path("complete").asBoolean()) {
      throw new AssertionError("the flush is not complete: " + answer.text());
    }
  }

  private static long ownUid() throws IOException {
    return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
  }

  private static void delete(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
