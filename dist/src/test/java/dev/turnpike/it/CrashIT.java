package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.it.Replay.Happening;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.LangfuseRow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed again and again, at random moments: while agents work, while it starts and
 * recovers, while it sends to a slow server, while it writes its index, while it stops. Every turn
 * arrives, whole, and once; only what was on its way at a kill may come a second time, as it was.
 *
 * <p>{@code -Dturnpike.kills=2000} kills so often, {@code -Dturnpike.lanes=2} two daemons beside
 * each other. Each round prints its seed; {@code -Dturnpike.seed=N} plays that round and no other.
 */
class CrashIT {
  private static final int KILLS = Integer.getInteger("turnpike.kills", 100);
  private static final int LANES = Integer.getInteger("turnpike.lanes", 2);
  private static final int KILLS_IN_A_ROUND = 20;
  private static final int TO_SLEEP_AT_MOST_MILLIS = 250;
  private static final int TO_STOP_AT_MOST_MILLIS = 60;

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

  /** When in a life the kill comes. */
  private enum Moment {
    AT_WORK,
    STARTING,
    INDEXING,
    STOPPING
  }

  private record Round(long seed, Map<Moment, Integer> kills, int requests, int repeated) {}

  @TempDir Path temp;

  @Test
  void nothingIsLostOrDoubled() throws Exception {
    Long only = Long.getLong("turnpike.seed");
    long first = only == null ? System.nanoTime() : only;
    int rounds = only == null ? Math.ceilDiv(KILLS, KILLS_IN_A_ROUND) : 1;
    var results = new ArrayList<Future<Round>>();
    try (var lanes = Executors.newFixedThreadPool(LANES)) {
      for (int i = 0; i < rounds; i++) {
        long seed = first + i;
        results.add(lanes.submit(() -> round(seed)));
      }
    }
    var kills = new EnumMap<Moment, Integer>(Moment.class);
    int requests = 0;
    int repeated = 0;
    for (Future<Round> result : results) {
      Round round = result.get();
      round.kills().forEach((moment, count) -> kills.merge(moment, count, Integer::sum));
      requests += round.requests();
      repeated += round.repeated();
    }
    System.out.printf(
        "seeds %d to %d: %d kills %s, %d requests, %d of them came again after a kill in their"
            + " way%n",
        first,
        first + rounds - 1,
        kills.values().stream().mapToInt(Integer::intValue).sum(),
        kills,
        requests,
        repeated);
  }

  private Round round(long seed) throws Exception {
    var random = new Random(seed);
    Path folder = temp.resolve(Long.toHexString(seed));
    try (var server = FakeLangfuse.start(dev.turnpike.testing.Mode.EVENTS_ONLY)) {
      server.faults(Fault.delay(Duration.ofMillis(random.nextInt(120))));
      var homes = new LinkedHashMap<Fixture, Path>();
      Path turnpike = folder.resolve("tp");
      Deque<Happening> script = Decks.of(CAPTURES, folder, homes, server, random);
      var lives = new Lives();
      var kills = new EnumMap<Moment, Integer>(Moment.class);
      int perLife = script.size() / KILLS_IN_A_ROUND + 1;
      var daemon = RunningDaemon.launch(turnpike, Map.of());
      try (daemon) {
        for (int i = 0; i < KILLS_IN_A_ROUND; i++) {
          Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
          Decks.play(script, 1 + random.nextInt(2 * perLife));
          bringTo(moment, daemon, random);
          daemon.kill();
          kills.merge(moment, 1, Integer::sum);
          Await.until(
              "what it had sent is handled",
              RunningDaemon.PATIENCE,
              () -> server.connections() == 0);
          lives.endedAfter(server.requests().size());
          if (random.nextInt(3) == 0) {
            Decks.play(script, random.nextInt(perLife)); // nobody is there: these go to the spool
          }
          daemon.relaunch();
        }
        daemon.awaitReady();
        Decks.play(script, Integer.MAX_VALUE);
        server.faults();
        daemon.flush();
        Judgement.assertRight(homes, server, Copies.IDENTICAL);
        assertEquals(0, daemon.status().path("problems").size(), daemon::log);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + daemon.log(), e);
      }
      List<Integer> repeated = lives.requestsRepeated(server.rows());
      assertTrue(
          lives.allWereTheLastOfALife(repeated),
          () -> "seed " + seed + ": repeated " + repeated + ", lives ended after " + lives.ends);
      System.out.printf("seed %d: %s%n", seed, kills);
      return new Round(seed, kills, server.requests().size(), repeated.size());
    }
  }

  private static void bringTo(Moment moment, RunningDaemon daemon, Random random)
      throws InterruptedException {
    long pause = 1_000_000L * random.nextInt(TO_SLEEP_AT_MOST_MILLIS);
    switch (moment) {
      case STARTING -> LockSupport.parkNanos(4 * pause);
      case AT_WORK -> {
        daemon.awaitReady();
        LockSupport.parkNanos(pause);
      }
      case INDEXING -> {
        daemon.awaitReady();
        // the index is written for the first question after a start
        Thread.ofVirtual().start(() -> daemon.askAndForget("GET", "/v1/traces/local?session=none"));
        LockSupport.parkNanos(pause);
      }
      case STOPPING -> {
        daemon.awaitReady();
        daemon.tellToStop();
        LockSupport.parkNanos(1_000_000L * random.nextInt(TO_STOP_AT_MOST_MILLIS));
      }
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
