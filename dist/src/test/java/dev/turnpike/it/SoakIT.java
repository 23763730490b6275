package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.it.Replay.Mode;
import dev.turnpike.testing.FakeLangfuse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A daemon at work without a pause, with all that may come its way: it holds no more descriptors
 * and threads at the end than at the beginning, its memory stays bounded, and everything arrives.
 *
 * <p>{@code -Dturnpike.soak=600} works for so many seconds.
 */
class SoakIT {
  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("turnpike.soak", 30));
  private static final int PHASES = 3;
  private static final int NUISANCES_EVERY_MILLIS = 100;

  /** What a moment of more work may hold. A leak shows in hundreds. */
  private static final int DESCRIPTORS_MORE = 24;

  private static final int THREADS_MORE = 6;

  /** The heap is limited to 96 MiB, and a bare JVM has 40. */
  private static final long RESIDENT_KIB_MAX = 256 << 10;

  private static final List<String> CAPTURES =
      List.of(
          "multi-tool", "subagent", "parallel-tools", "thinking", "stop-failure", "interactive");

  @TempDir Path temp;

  private final AtomicBoolean over = new AtomicBoolean();
  private final Map<Fixture, Path> played = new LinkedHashMap<>();

  @Test
  void holdsNoMoreAtTheEndThanAtTheBeginning() throws Exception {
    assumeTrue(Footprint.known());
    try (var server = FakeLangfuse.start(dev.turnpike.testing.Mode.EVENTS_ONLY);
        var daemon = RunningDaemon.start(temp.resolve("tp"));
        var lanes = Executors.newFixedThreadPool(2)) {
      try {
        var nuisance = new Nuisance(daemon, server, 7);
        List<Future<?>> work =
            List.of(
                lanes.submit(untilOver(() -> workload(daemon, server))),
                lanes.submit(untilOver(() -> nuisance(nuisance))));
        List<Footprint> phases = watch(daemon, work);
        over.set(true);
        for (Future<?> one : work) {
          one.get();
        }
        server.faults();
        daemon.post("/v1/outbox/retry");
        daemon.flush();
        Footprint quiet = settled(daemon, phases.getFirst());
        System.out.printf(
            "%d s, %d captures, %d nuisances, %d exports; at most by thirds: %s; at rest: %s%n",
            LENGTH.toSeconds(),
            played.size(),
            nuisance.done(),
            server.exports().size(),
            phases,
            quiet);
        judge(phases.getFirst(), phases.getLast());
        Judgement.assertRight(played, server, Copies.IDENTICAL);
        assertEquals(0, daemon.status().path("problems").size(), daemon::log);
      } finally {
        over.set(true);
      }
    }
  }

  private static void judge(Footprint first, Footprint last) {
    String both = first + "; then " + last;
    assertTrue(last.descriptors() <= first.descriptors() + DESCRIPTORS_MORE, both);
    assertTrue(last.threads() <= first.threads() + THREADS_MORE, both);
    assertTrue(last.residentKib() <= RESIDENT_KIB_MAX, both);
  }

  /** Connections to the server are closed after 30 idle seconds; nothing else may remain. */
  private static Footprint settled(RunningDaemon daemon, Footprint before)
      throws IOException, InterruptedException {
    Await.until(
        "no more is open than at the busiest time of the beginning",
        RunningDaemon.PATIENCE,
        () -> Footprint.of(daemon.pid()).descriptors() <= before.descriptors());
    return Footprint.of(daemon.pid());
  }

  /** The most it held in each phase. */
  private static List<Footprint> watch(RunningDaemon daemon, List<Future<?>> work)
      throws IOException, InterruptedException {
    var phases = new ArrayList<Footprint>();
    for (int phase = 0; phase < PHASES; phase++) {
      long end = System.nanoTime() + LENGTH.dividedBy(PHASES).toNanos();
      Footprint most = Footprint.of(daemon.pid());
      while (System.nanoTime() < end && work.stream().noneMatch(Future::isDone)) {
        Thread.sleep(200); // between two looks
        most = most.or(Footprint.of(daemon.pid()));
      }
      System.out.printf(
          "third %d: at most %s; now %s%n", phase + 1, most, Footprint.of(daemon.pid()));
      phases.add(most);
    }
    return phases;
  }

  private interface Task {
    void run() throws IOException, InterruptedException;
  }

  private Callable<Void> untilOver(Task task) {
    return () -> {
      while (!over.get()) {
        task.run();
      }
      return null;
    };
  }

  private void nuisance(Nuisance nuisance) throws IOException, InterruptedException {
    nuisance.one();
    Thread.sleep(NUISANCES_EVERY_MILLIS); // they come now and then
  }

  private void workload(RunningDaemon daemon, FakeLangfuse server)
      throws IOException, InterruptedException {
    int number = played.size();
    Fixture fixture =
        new Anew(temp.resolve("captures-" + number))
            .copy(Fixture.named(CAPTURES.get(number % CAPTURES.size())));
    Path home = temp.resolve("home-" + number);
    played.put(fixture, home);
    try (var replay =
        new Replay(
            fixture, home, Mode.NORMAL, number, daemon.home(), RunningDaemon.tracedTo(server))) {
      replay.play();
    }
  }
}
