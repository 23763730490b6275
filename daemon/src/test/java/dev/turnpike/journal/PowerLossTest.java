package dev.turnpike.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.EventId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The power goes at a random moment of a recorded life of the journal, compactions included. What
 * it had said is on the disk is there afterwards: accepted pushed events, steps, and the batches of
 * a step until they were settled. The seed is in every message; {@code -Dturnpike.cuts=N} takes
 * more moments.
 */
@Timeout(300)
class PowerLossTest {
  private static final int CUTS = Integer.getInteger("turnpike.cuts", 1500);
  private static final int ENTRIES = 600;
  private static final Path DIRECTORY = Path.of("/disk/journal");
  private static final JournalLimits LIMITS =
      new JournalLimits(
          6000, 1 << 20, Duration.ofMillis(1), 9000, 10_000, Duration.ofDays(90), 100_000);

  /**
   * What was said to be on the disk, and when.
   *
   * @param since the moment at which it was said
   * @param until the moment at which something that undoes it was asked for; never: MAX_VALUE
   */
  private record Promise(int since, int until) {
    boolean binds(int cut) {
      return since <= cut && cut < until;
    }
  }

  private final Map<String, Promise> events = new HashMap<>();
  private final Map<String, Promise> batches = new HashMap<>();
  private final List<int[]> steps = new ArrayList<>(); // session, number, moment

  @Test
  void whatWasSaidToBeOnTheDiskIsThereAfterAPowerCut() throws Exception {
    long seed = Long.getLong("turnpike.seed", System.nanoTime());
    var random = new Random(seed);
    var disk = new PowerLossFiles();
    live(disk, random);
    int life = disk.moment();
    for (int i = 0; i < CUTS; i++) {
      int cut = random.nextInt(life + 1);
      String where = "seed " + seed + ", cut " + i + " at operation " + cut + " of " + life;
      check(disk.afterPowerCutAt(cut, random), cut, where);
    }
  }

  private void live(PowerLossFiles disk, Random random) throws Exception {
    var waiting = new ArrayDeque<Integer>();
    var queued = new ArrayDeque<Integer>();
    try (Journal journal = Journal.open(DIRECTORY, LIMITS, JournalCase.CLOCK, disk)) {
      for (int n = 0; n < ENTRIES; n++) {
        var accepted = new Entry.EventAccepted(Samples.event("e" + n, 20 + random.nextInt(9000)));
        if (random.nextInt(3) > 0) {
          journal.commit(accepted).join();
          events.put("e" + n, new Promise(disk.moment(), Integer.MAX_VALUE));
        } else {
          journal.append(accepted).join();
        }
        waiting.add(n);
        if (waiting.size() > 6) {
          step(journal, disk, n, waiting, queued);
        }
        if (queued.size() > 8) {
          String settled = "batch-" + queued.remove();
          batches.computeIfPresent(settled, (b, p) -> new Promise(p.since(), disk.moment()));
          journal.append(new Entry.BatchSettled(new BatchId(settled))).join();
        }
      }
    }
  }

  private void step(
      Journal journal,
      PowerLossFiles disk,
      int n,
      ArrayDeque<Integer> waiting,
      ArrayDeque<Integer> queued) {
    var consumed = new HashSet<EventId>();
    for (int i = 0; i < 4; i++) {
      consumed.add(new EventId("e" + waiting.remove()));
    }
    int session = n % 3;
    journal
        .commit(new Entry.StepTaken(Samples.step(session, n, consumed, List.of(Samples.ref(n)))))
        .join();
    steps.add(new int[] {session, n, disk.moment()});
    batches.put("batch-" + n, new Promise(disk.moment(), Integer.MAX_VALUE));
    queued.add(n);
  }

  private void check(PowerLossFiles disk, int cut, String where) throws Exception {
    try (Journal journal = Journal.open(DIRECTORY, LIMITS, JournalCase.CLOCK, disk)) {
      events.forEach(
          (id, promise) ->
              assertTrue(
                  !promise.binds(cut) || journal.view().knows(new EventId(id)),
                  () -> id + " is lost, " + where));
      Set<String> pending =
          journal.view().pendingBatches().stream()
              .map(ref -> ref.id().value())
              .collect(Collectors.toSet());
      batches.forEach(
          (id, promise) ->
              assertTrue(
                  !promise.binds(cut) || pending.contains(id), () -> id + " is lost, " + where));
      for (int[] step : steps) {
        if (step[2] <= cut) {
          assertTrue(
              reached(journal, step[0]) >= step[1], () -> "step " + step[1] + " is lost, " + where);
        }
      }
      if (!disk.isHoled()) {
        assertEquals(0, journal.health().damagedRecords(), where);
      }
      journal.commit(new Entry.EventAccepted(Samples.event("afterwards", 10))).join();
    }
  }

  private static int reached(Journal journal, int session) {
    return journal
        .view()
        .session(Samples.session(session))
        .map(
            record ->
                Integer.parseInt(record.memory().replaceAll("(?s)\\{\"offset\":(\\d+).*", "$1")))
        .orElse(-1);
  }
}
