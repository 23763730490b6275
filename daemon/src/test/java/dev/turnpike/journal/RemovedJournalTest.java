package dev.turnpike.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.EventId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Somebody removes the journal's files, or the whole directory, while it is being written. */
@Timeout(60)
class RemovedJournalTest extends JournalCase {
  private Path state;
  private Path journalDirectory;

  @BeforeEach
  void place() {
    state = directory.resolve("state");
    journalDirectory = state.resolve("journal");
  }

  @Test
  void aCommitAfterItFindsEverythingWrittenAnew() throws Exception {
    try (Journal journal = begin(JournalLimits.STANDARD)) {
      sequence().forEach(entry -> journal.commit(entry).join());
      JournalView before = journal.view();
      remove(state);
      journal.commit(accepted("after")).join();
      until(() -> journal.health().rewrites() == 1);
      assertTrue(journal.health().ok());
      assertEquals(
          "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(state)));
      assertReadAgainAs(before);
    }
    try (Journal again = begin(JournalLimits.STANDARD)) {
      assertTrue(again.view().pending(new EventId("after")));
      assertEquals(0, again.health().damagedRecords());
    }
  }

  /** What {@code append} answered is written anew at the next force, which comes by itself. */
  @Test
  void anAppendAfterItIsFoundToo() throws Exception {
    try (Journal journal = begin(JournalLimits.STANDARD)) {
      journal.append(accepted("before")).join();
      remove(state);
      journal.append(accepted("after")).join();
      until(() -> journal.health().rewrites() > 0);
      assertReadAgainAs(journal.view());
    }
  }

  @Test
  void aLookIsEnoughWhereNothingIsWritten() throws Exception {
    try (Journal journal = begin(JournalLimits.STANDARD)) {
      journal.commit(accepted("before")).join();
      remove(state);
      journal.look();
      until(() -> journal.health().rewrites() > 0);
      assertReadAgainAs(journal.view());
    }
  }

  /** An older segment, or the one that is written, or all of them; a full one is followed. */
  @Test
  void eachSegmentMayBeMissing() throws Exception {
    for (int gone = 0; gone < 3; gone++) {
      state = directory.resolve("missing-" + gone);
      journalDirectory = state.resolve("journal");
      try (Journal journal = begin(SMALL_SEGMENTS)) {
        for (int n = 0; n < 20; n++) {
          journal.commit(accepted("e" + n)).join();
        }
        List<Path> segments = DurableFiles.real().list(journalDirectory);
        assertTrue(segments.size() > 2);
        Files.delete(segments.get(gone * (segments.size() - 1) / 2));
        journal.look();
        for (int n = 20; n < 40; n++) {
          journal.commit(accepted("e" + n)).join();
        }
        until(() -> journal.health().rewrites() == 1);
        assertReadAgainAs(journal.view());
      }
    }
  }

  @Test
  void whatStandsInItsPlaceIsNotOverwrittenAndSaidUntilItGoes() throws Exception {
    try (Journal journal = begin(JournalLimits.STANDARD)) {
      journal.commit(accepted("before")).join();
      remove(state);
      Files.writeString(state, "in the way");
      assertThrows(CompletionException.class, () -> journal.commit(accepted("refused")).join());
      assertFalse(journal.health().ok());
      assertThrows(CompletionException.class, () -> journal.append(accepted("refused2")).join());
      Files.delete(state);
      journal.look();
      until(() -> journal.health().ok());
      journal.commit(accepted("after")).join();
      assertEquals(Set.of("before", "after"), pending(journal));
      assertReadAgainAs(journal.view());
    }
  }

  @Test
  void aDirectoryThatAnotherDaemonMadeIsItsOwn() throws Exception {
    var ours = new AtomicBoolean(true);
    try (Journal journal =
        Journal.open(
            journalDirectory, JournalLimits.STANDARD, CLOCK, DurableFiles.real(), ours::get)) {
      journal.commit(accepted("before")).join();
      remove(state);
      ours.set(false);
      try (Journal other = begin(JournalLimits.STANDARD)) {
        other.commit(accepted("other")).join();
        assertThrows(CompletionException.class, () -> journal.commit(accepted("late")).join());
        assertThrows(CompletionException.class, () -> journal.append(accepted("later")).join());
        assertReadAgainAs(other.view());
      }
    }
    try (Journal other = begin(JournalLimits.STANDARD)) {
      assertEquals(Set.of("other"), pending(other));
    }
  }

  private Journal begin(JournalLimits limits) throws IOException {
    return Journal.open(journalDirectory, limits, CLOCK);
  }

  private static Entry accepted(String id) {
    return new Entry.EventAccepted(Samples.event(id, 300));
  }

  /** What lies in the directory now, as a start after a kill would read it. */
  private void assertReadAgainAs(JournalView known) throws IOException {
    Path copy = directory.resolve("copy-" + System.nanoTime());
    Files.createDirectories(copy);
    for (Path file : DurableFiles.real().list(journalDirectory)) {
      Files.copy(file, copy.resolve(file.getFileName()));
    }
    try (Journal read = Journal.open(copy, JournalLimits.STANDARD, CLOCK)) {
      JournalView view = read.view();
      assertEquals(ids(known), ids(view));
      assertEquals(known.pendingBatches(), view.pendingBatches());
      assertEquals(known.buried(), view.buried());
      assertEquals(known.declinedPrompts(), view.declinedPrompts());
      assertEquals(Set.copyOf(known.sessions()), Set.copyOf(view.sessions()));
      assertEquals(0, read.health().damagedRecords());
    }
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      if (Thread.interrupted()) {
        throw new InterruptedException("out of time");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static List<String> ids(JournalView view) {
    return view.pendingEvents().stream().map(event -> event.id().value()).toList();
  }

  /** All at once: the journal may write it anew in the middle of a slow removal. */
  private static void remove(Path tree) throws IOException {
    Path gone = Files.move(tree, tree.resolveSibling(tree.getFileName() + ".gone"));
    try (Stream<Path> all = Files.walk(gone)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
