package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import dev.turnpike.testing.NotChecked;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
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
  private static final int AGENTS = 2;
  private static final long SEED = 7;
  private static final int NUISANCES_EVERY_MILLIS = 100;

  /** What a moment of more work may hold. A leak shows in hundreds. */
  private static final int DESCRIPTORS_MORE = 24;

  private static final int THREADS_MORE = 6;

  /** The heap is limited to 96 MiB, and a bare JVM has 40. */
  private static final long RESIDENT_KIB_MAX = 256 << 10;

  @TempDir Path temp;

  @Test
  void holdsNoMoreAtTheEndThanAtTheBeginning() throws Exception {
    NotChecked.unless(
        Footprint.known(),
        "without /proc nobody can tell what a process holds, so no leak is seen");
    var over = new AtomicBoolean();
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var daemon = RunningDaemon.start(temp.resolve("tp"));
        var visitor = Executors.newSingleThreadExecutor();
        var agents = Workload.begin(temp, daemon.home(), server, AGENTS)) {
      try {
        var nuisance = new Nuisance(daemon, server, SEED);
        Future<?> visits =
            visitor.submit(
                () -> {
                  nuisances(nuisance, over);
                  return null;
                });
        List<Footprint> phases = watch(daemon, () -> !agents.broken() && !visits.isDone());
        over.set(true);
        visits.get();
        agents.end();
        server.faults();
        daemon.post("/v1/outbox/retry");
        daemon.flush();
        Footprint quiet = settled(daemon, phases.getFirst());
        System.out.printf(
            "%d s, %d captures, %d nuisances, %d exports; at rest: %s%n",
            LENGTH.toSeconds(), agents.begun(), nuisance.done(), server.exports().size(), quiet);
        judge(phases.getFirst(), phases.getLast());
        agents.assertAllIsThere(Copies.IDENTICAL);
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
  private static List<Footprint> watch(RunningDaemon daemon, BooleanSupplier atWork)
      throws IOException, InterruptedException {
    var phases = new ArrayList<Footprint>();
    for (int phase = 0; phase < PHASES; phase++) {
      long end = System.nanoTime() + LENGTH.dividedBy(PHASES).toNanos();
      Footprint most = Footprint.of(daemon.pid());
      while (System.nanoTime() < end && atWork.getAsBoolean()) {
        Thread.sleep(200); // between two looks
        most = most.or(Footprint.of(daemon.pid()));
      }
      System.out.printf(
          "third %d: at most %s; now %s%n", phase + 1, most, Footprint.of(daemon.pid()));
      phases.add(most);
    }
    return phases;
  }

  private static void nuisances(Nuisance nuisance, AtomicBoolean over)
      throws IOException, InterruptedException {
    while (!over.get()) {
      nuisance.one();
      Thread.sleep(NUISANCES_EVERY_MILLIS); // they come now and then
    }
  }
}
