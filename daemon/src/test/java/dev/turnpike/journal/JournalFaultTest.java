package dev.turnpike.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.EventId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What stays true when the disk refuses, or the process ends, at any operation. */
@Timeout(120)
class JournalFaultTest extends JournalCase {
  @Test
  void aFailedForceFailsItsCommitAndLosesNothingAcknowledged() throws IOException {
    var files = FaultyFiles.faultless();
    try (Journal journal = Journal.open(directory, JournalLimits.STANDARD, CLOCK, files)) {
      journal.commit(new Entry.EventAccepted(Samples.event("committed", 10))).join();
      journal.append(new Entry.EventAccepted(Samples.event("appended", 10))).join();
      String poisoned = segments().getFirst().getFileName().toString();
      files.plan(
          (operation, what, file) ->
              what.equals("force") && file.getFileName().toString().startsWith(poisoned)
                  ? FaultyFiles.Fate.FAILS
                  : FaultyFiles.Fate.WORKS);
      CompletableFuture<Void> lost =
          journal.commit(new Entry.EventAccepted(Samples.event("refused", 10)));
      assertThrows(CompletionException.class, lost::join);
      journal.commit(new Entry.EventAccepted(Samples.event("later", 10))).join();
      assertEquals(Set.of("committed", "appended", "later"), pending(journal));
      assertEquals(1, journal.health().failedWrites());
    }
    try (Journal journal = open(JournalLimits.STANDARD)) {
      assertEquals(Set.of("committed", "appended", "later"), pending(journal));
      assertEquals(0, journal.health().damagedRecords());
    }
  }

  @Test
  void afterAFullDiskItGoesOnByItself() throws IOException {
    var files = FaultyFiles.faultless();
    try (Journal journal = Journal.open(directory, JournalLimits.STANDARD, CLOCK, files)) {
      journal.append(new Entry.EventAccepted(Samples.event("before", 10))).join();
      files.plan(
          (operation, what, file) ->
              what.equals("delete") || what.equals("truncate")
                  ? FaultyFiles.Fate.WORKS
                  : what.equals("write") ? FaultyFiles.Fate.HALF : FaultyFiles.Fate.FAILS);
      for (int n = 0; n < 5; n++) {
        CompletableFuture<Void> full =
            journal.append(new Entry.EventAccepted(Samples.event("full" + n, 10)));
        assertThrows(CompletionException.class, full::join);
        assertFalse(journal.health().ok());
      }
      files.plan((operation, what, file) -> FaultyFiles.Fate.WORKS);
      journal.append(new Entry.EventAccepted(Samples.event("after", 10))).join();
      journal.commit(new Entry.EventAccepted(Samples.event("last", 10))).join();
      assertEquals(Set.of("before", "after", "last"), pending(journal));
    }
    try (Journal journal = open(JournalLimits.STANDARD)) {
      assertEquals(Set.of("before", "after", "last"), pending(journal));
      assertEquals(0, journal.health().damagedRecords());
      assertTrue(journal.health().ok());
    }
  }

  /** The force is due that a caller's own failed write has made void. */
  @Test
  void aWriteThatFailsBeforeAForceIsDueDoesNotEndTheJournal() throws Exception {
    var files = FaultyFiles.faultless();
    try (Journal journal = Journal.open(directory, JournalLimits.STANDARD, CLOCK, files)) {
      journal.append(new Entry.EventAccepted(Samples.event("before", 10))).join();
      files.plan(
          (operation, what, file) ->
              what.equals("delete") ? FaultyFiles.Fate.WORKS : FaultyFiles.Fate.FAILS);
      CompletableFuture<Void> full =
          journal.append(new Entry.EventAccepted(Samples.event("full", 10)));
      assertThrows(CompletionException.class, full::join);
      Thread.sleep(JournalLimits.STANDARD.forceWithin().multipliedBy(2)); // the force comes due
      files.plan((operation, what, file) -> FaultyFiles.Fate.WORKS);
      journal.look();
      while (!journal.health().ok()) {
        Thread.sleep(1); // ends by the time limit
      }
      journal.commit(new Entry.EventAccepted(Samples.event("after", 10))).join();
      assertEquals(Set.of("before", "after"), pending(journal));
    }
  }

  @Test
  void oneFailureAtAnyOperationLosesNothingAcknowledged() throws IOException {
    for (FaultyFiles.Fate fate : List.of(FaultyFiles.Fate.FAILS, FaultyFiles.Fate.HALF)) {
      for (int at = 1; at < 45; at++) {
        int failing = at;
        Path dir = directory.resolve(fate + "-" + at);
        var files =
            new FaultyFiles(
                (operation, what, file) -> operation == failing ? fate : FaultyFiles.Fate.WORKS);
        Set<String> acknowledged = churn(dir, files, 10);
        try (Journal journal = Journal.open(dir, EAGER_COMPACTION, CLOCK)) {
          assertTrue(pending(journal).containsAll(acknowledged), fate + " at operation " + failing);
          assertEquals(0, journal.health().damagedRecords(), fate + " at operation " + failing);
        }
      }
    }
  }

  @Test
  void aKillAtAnyFileOperationLosesNothingAcknowledged() throws IOException {
    int all = FaultyFilesOperations.count(directory.resolve("count"));
    for (int at = 1; at <= all; at++) {
      Path dir = directory.resolve("kill-" + at);
      Set<String> acknowledged = churn(dir, FaultyFiles.killedAt(at), 30);
      try (Journal journal = Journal.open(dir, EAGER_COMPACTION, CLOCK)) {
        assertTrue(pending(journal).containsAll(acknowledged), "killed at operation " + at);
        assertEquals(0, journal.health().damagedRecords(), "killed at operation " + at);
        journal.commit(new Entry.EventAccepted(Samples.event("after", 10))).join();
      }
      try (Journal journal = Journal.open(dir, EAGER_COMPACTION, CLOCK)) {
        acknowledged.add("after");
        assertTrue(pending(journal).containsAll(acknowledged), "killed at operation " + at);
      }
    }
  }

  private static final class FaultyFilesOperations {
    static int count(Path dir) throws IOException {
      var files = FaultyFiles.faultless();
      churn(dir, files, 30);
      return files.operations();
    }
  }

  /**
   * Accepts and consumes events so that segments roll and compaction runs. Returns what is
   * acknowledged and not consumed by any try.
   */
  private static Set<String> churn(Path dir, DurableFiles files, int rounds) throws IOException {
    var alive = new TreeSet<String>();
    Journal opened;
    try {
      opened = Journal.open(dir, EAGER_COMPACTION, CLOCK, files);
    } catch (IOException e) {
      return alive;
    }
    try (Journal journal = opened) {
      for (int n = 0; n < rounds; n++) {
        String kept = "kept" + n;
        String passing = "passing" + n;
        if (works(journal.append(new Entry.EventAccepted(Samples.event(passing, 400))))) {
          alive.add(passing);
        }
        if (works(journal.commit(new Entry.EventAccepted(Samples.event(kept, 20))))) {
          alive.add(kept);
        }
        alive.remove(passing);
        journal
            .commit(new Entry.EventsDropped(Set.of(new EventId(passing)), "test"))
            .exceptionally(e -> null)
            .join();
      }
    }
    return alive;
  }

  private static boolean works(CompletableFuture<Void> future) {
    return future.handle((done, failure) -> failure == null).join();
  }
}
