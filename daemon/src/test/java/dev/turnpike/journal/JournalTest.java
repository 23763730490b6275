package dev.turnpike.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TurnKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class JournalTest extends JournalCase {
  @Test
  void everythingIsThereAfterReopening() throws IOException {
    String before;
    try (Journal journal = open(JournalLimits.STANDARD)) {
      for (Entry entry : sequence()) {
        journal.commit(entry).join();
      }
      before = Samples.show(journal.view());
    }
    try (Journal journal = open(JournalLimits.STANDARD)) {
      assertEquals(before, Samples.show(journal.view()));
      assertTrue(journal.view().knows(new EventId("e0")));
      assertFalse(journal.view().pending(new EventId("e0")));
      assertFalse(journal.view().exported(new TurnKey("turn-1-2")), "its session was forgotten");
      assertEquals(0, journal.health().cutBytes());
      assertEquals(
          List.of(new BatchId("batch-10"), new BatchId("batch-20"), new BatchId("batch-21")),
          journal.view().pendingBatches().stream().map(BatchRef::id).sorted().toList());
    }
  }

  @Test
  void filesArePrivate() throws IOException {
    try (Journal journal = open(JournalLimits.STANDARD)) {
      journal.commit(sequence().getFirst()).join();
    }
    for (Path file : segments()) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void anEntryAboveTheLimitIsRefusedAndNothingElse() throws IOException {
    try (Journal journal = open(SMALL_SEGMENTS)) {
      CompletableFuture<Void> large =
          journal.append(new Entry.EventAccepted(Samples.event("large", 2 << 20)));
      assertThrows(CompletionException.class, large::join);
      journal.commit(new Entry.EventAccepted(Samples.event("small", 10))).join();
      assertEquals(1, journal.view().pendingEventCount());
    }
  }

  @Test
  void compactionKeepsTheStateAndGivesSpaceBack() throws IOException {
    String before;
    try (Journal journal = open(EAGER_COMPACTION)) {
      for (Entry entry : sequence()) {
        journal.commit(entry).join();
      }
      for (int n = 0; n < 300; n++) {
        journal.append(new Entry.EventAccepted(Samples.event("x" + n, 500))).join();
        journal.append(new Entry.EventsDropped(Set.of(new EventId("x" + n)), "test")).join();
      }
      before = Samples.show(journal.view());
      assertTrue(journal.health().compactions() > 0);
      assertTrue(size() < 80_000, "the directory has " + size() + " bytes");
    }
    try (Journal journal = open(EAGER_COMPACTION)) {
      assertEquals(before, Samples.show(journal.view()));
      assertTrue(journal.view().knows(new EventId("x299")), "recent ids are remembered");
    }
  }

  @Test
  void idleSessionsAreForgottenAtACompactionUnlessSomethingWaits() throws IOException {
    InstantSource later = InstantSource.fixed(Samples.AT.plus(Duration.ofDays(200)));
    try (Journal journal = Journal.open(directory, EAGER_COMPACTION, later)) {
      journal
          .commit(new Entry.StepTaken(Samples.step(0, 1, Set.of(), List.of(Samples.ref(0)))))
          .join();
      journal.commit(new Entry.StepTaken(Samples.step(1, 2, Set.of(), List.of()))).join();
      for (int n = 0; n < 60; n++) {
        journal.append(new Entry.EventAccepted(Samples.event("x" + n, 500))).join();
        journal.append(new Entry.EventsDropped(Set.of(new EventId("x" + n)), "test")).join();
      }
      assertTrue(journal.health().compactions() > 0);
      assertEquals(
          List.of(Samples.session(0)),
          journal.view().sessions().stream().map(SessionRecord::key).toList());
      assertFalse(journal.view().exported(new TurnKey("turn-1-2")));
      assertTrue(journal.view().exported(new TurnKey("turn-0-1")));
    }
  }

  @Test
  void manyWritersAtOnceAllGetTheirEntriesIn() throws Exception {
    int writers = 8;
    int each = 200;
    try (Journal journal = open(limits(100_000, 1L << 40))) {
      var threads = new ArrayList<Thread>();
      for (int w = 0; w < writers; w++) {
        int writer = w;
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int n = 0; n < each; n++) {
                        var entry =
                            new Entry.EventAccepted(Samples.event("w" + writer + "-" + n, 100));
                        (n % 10 == 0 ? journal.commit(entry) : journal.append(entry)).join();
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(writers * each, journal.view().pendingEventCount());
    }
    try (Journal journal = open(limits(100_000, 1L << 40))) {
      assertEquals(writers * each, journal.view().pendingEventCount());
      var last = new int[writers];
      Arrays.fill(last, -1);
      for (Event event : journal.view().pendingEvents()) {
        String[] name = event.id().value().substring(1).split("-", -1);
        int writer = Integer.parseInt(name[0]);
        int n = Integer.parseInt(name[1]);
        assertEquals(last[writer] + 1, n, "each writer's order is kept");
        last[writer] = n;
      }
    }
  }

  @Test
  void aClosedJournalRefuses() throws IOException {
    Journal journal = open(JournalLimits.STANDARD);
    var _ = journal.append(sequence().getFirst());
    journal.close();
    journal.close();
    assertThrows(CompletionException.class, () -> journal.append(sequence().getFirst()).join());
    try (Journal again = open(JournalLimits.STANDARD)) {
      assertEquals(1, again.view().pendingEventCount(), "what was taken over was written");
    }
  }

  @Test
  void sessionsCanBeLookedUp() throws IOException {
    try (Journal journal = open(JournalLimits.STANDARD)) {
      SessionKey session = Samples.session(0);
      assertTrue(journal.view().session(session).isEmpty());
      journal.commit(new Entry.StepTaken(Samples.step(0, 5, Set.of(), List.of()))).join();
      journal.commit(new Entry.SessionPaused(session, true)).join();
      SessionRecord record = journal.view().session(session).orElseThrow();
      assertTrue(record.paused());
      assertEquals(1, record.turns());
      assertEquals("{\"offset\":5,\"half\":\"\ud83d\"}", record.memory());
    }
  }
}
