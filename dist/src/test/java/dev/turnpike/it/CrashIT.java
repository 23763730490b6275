package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.it.Replay.Happening;
import dev.turnpike.it.Replay.Mode;
import dev.turnpike.it.Replay.Pace;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.LangfuseRow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed again and again, at random moments: while agents work, while it starts,
 * while it sends to a slow server. Every turn arrives, whole, and once; only what was on its way at
 * a kill may come a second time, as it was.
 *
 * <p>The seed is printed; {@code -Dturnpike.seed=N} plays it again.
 */
class CrashIT {
  private static final int KILLS = 14;
  private static final int TO_SLEEP_AT_MOST_MILLIS = 250;

  private static final List<String> CAPTURES =
      List.of(
          "multi-tool",
          "parallel-tools",
          "subagent",
          "background-subagent",
          "resume",
          "interactive",
          "native-otel",
          "stop-failure",
          "parallel-background",
          "nested-subagents",
          "kill-during-tool",
          "fork-of-fork",
          "long-output",
          "tty-clear");

  @TempDir Path temp;

  @RepeatedTest(4)
  void nothingIsLostOrDoubled(RepetitionInfo repetition) throws Exception {
    long seed =
        Long.getLong("turnpike.seed", System.nanoTime() + repetition.getCurrentRepetition());
    var random = new Random(seed);
    try (var server = FakeLangfuse.start(dev.turnpike.testing.Mode.EVENTS_ONLY)) {
      server.faults(Fault.delay(Duration.ofMillis(random.nextInt(120))));
      var homes = new LinkedHashMap<Fixture, Path>();
      Path turnpike = temp.resolve("tp");
      Deque<Happening> script = script(homes, turnpike, server, random);
      var lives = new Lives();
      int kills = 0;
      int perLife = script.size() / KILLS + 1;
      var daemon = RunningDaemon.launch(turnpike, Map.of());
      try (daemon) {
        while (kills < KILLS) {
          if (random.nextInt(4) > 0) {
            daemon.awaitReady(); // else it is killed while it starts
          }
          play(script, 1 + random.nextInt(2 * perLife));
          LockSupport.parkNanos(1_000_000L * random.nextInt(TO_SLEEP_AT_MOST_MILLIS));
          daemon.kill();
          kills++;
          Await.until(
              "what it had sent is handled",
              RunningDaemon.PATIENCE,
              () -> server.connections() == 0);
          lives.endedAfter(server.requests().size());
          if (random.nextInt(3) == 0) {
            play(script, random.nextInt(perLife)); // nobody is there: these go to the spool
          }
          daemon.relaunch();
        }
        daemon.awaitReady();
        play(script, Integer.MAX_VALUE);
        server.faults();
        daemon.flush();
        Judgement.assertRight(homes, server, Copies.IDENTICAL);
        assertEquals(0, daemon.status().path("problems").size(), daemon::log);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + daemon.log(), e);
      }
      List<Integer> repeated = lives.requestsRepeated(server.rows());
      System.out.printf(
          "seed %d: %d kills, %d requests, %d of them came again after a kill in their way%n",
          seed, kills, server.requests().size(), repeated.size());
      assertTrue(
          lives.allWereTheLastOfALife(repeated),
          () -> "seed " + seed + ": repeated " + repeated + ", lives ended after " + lives.ends);
    }
  }

  /** All captures, shuffled into each other, each in its own order. */
  private Deque<Happening> script(
      Map<Fixture, Path> homes, Path turnpike, FakeLangfuse server, Random random)
      throws IOException {
    var decks = new ArrayList<Deque<Happening>>();
    for (String name : CAPTURES) {
      Fixture fixture = Fixture.named(name);
      Path home = temp.resolve(name);
      homes.put(fixture, home);
      var replay =
          new Replay(
                  fixture,
                  home,
                  Mode.NORMAL,
                  random.nextLong(),
                  turnpike,
                  RunningDaemon.tracedTo(server))
              .at(Pace.WITHOUT_GAPS);
      var deck = new ArrayDeque<>(replay.happenings());
      deck.add(replay::close);
      decks.add(deck);
    }
    var script = new ArrayDeque<Happening>();
    while (!decks.isEmpty()) {
      Deque<Happening> deck = decks.get(random.nextInt(decks.size()));
      script.add(deck.remove());
      if (deck.isEmpty()) {
        decks.remove(deck);
      }
    }
    return script;
  }

  private static void play(Deque<Happening> script, int atMost)
      throws IOException, InterruptedException {
    for (int i = 0; i < atMost && !script.isEmpty(); i++) {
      script.remove().happen();
    }
  }

  /**
   * Which requests belong to which life of the daemon. It has one request on its way at a time, so
   * only the last of a life can have been on its way when it was killed.
   */
  private static final class Lives {
    private final List<Integer> ends = new ArrayList<>();

    void endedAfter(int request) {
      ends.add(request);
    }

    /** The numbers of the requests that brought something which came again later. */
    List<Integer> requestsRepeated(List<LangfuseRow> rows) {
      var first = new HashMap<String, LangfuseRow>();
      return rows.stream()
          .map(row -> first.put(row.traceId() + row.id(), row))
          .filter(java.util.Objects::nonNull)
          .map(LangfuseRow::request)
          .distinct()
          .sorted()
          .toList();
    }

    boolean allWereTheLastOfALife(List<Integer> requests) {
      return ends.containsAll(requests);
    }
  }
}
