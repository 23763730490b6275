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
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class JournalTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Samples.AT);
  private static final JournalLimits SMALL_SEGMENTS = limits(2000, 1L << 40);
  private static final JournalLimits EAGER_COMPACTION = limits(2000, 4000);

  @TempDir Path directory;

  private static JournalLimits limits(long segmentBytes, long compactAboveBytes) {
    return new JournalLimits(
        segmentBytes,
        1 << 20,
        Duration.ofMillis(200),
        compactAboveBytes,
        10_000,
        Duration.ofDays(90),
        1000);
  }

  /** Every kind of entry, in an order in which each has an effect. */
  static List<Entry> sequence() {
    var entries = new ArrayList<Entry>();
    for (int n = 0; n < 6; n++) {
      entries.add(new Entry.EventAccepted(Samples.event("e" + n, 50 + n)));
    }
    entries.add(
        new Entry.StepTaken(
            Samples.step(
                0, 1, Set.of(new EventId("e0")), List.of(Samples.ref(0), Samples.ref(1)))));
    entries.add(
        new Entry.StepTaken(
            Samples.step(1, 2, Set.of(new EventId("e2")), List.of(Samples.ref(2)))));
    entries.add(new Entry.BatchSettled(Samples.ref(0).id()));
    entries.add(
        new Entry.BatchReplaced(
            Samples.ref(1).id(), List.of(Samples.ref(10), Samples.ref(11)), "too large"));
    entries.add(new Entry.BatchBuried(Samples.ref(2).id(), "400 malformed"));
    entries.add(new Entry.BatchBuried(Samples.ref(10).id(), "400 malformed"));
    entries.add(new Entry.BatchRevived(Samples.ref(10).id()));
    entries.add(new Entry.SessionPaused(Samples.session(2), true));
    entries.add(new Entry.EventsDropped(Set.of(new EventId("e3")), "no session"));
    entries.add(new Entry.BatchesQueued(List.of(Samples.ref(20))));
    entries.add(new Entry.BatchDropped(Samples.ref(11).id(), "its body is gone"));
    entries.add(
        new Entry.StepTaken(
            Samples.step(0, 3, Set.of(new EventId("e1")), List.of(Samples.ref(21)))));
    entries.add(new Entry.SessionForgotten(Samples.session(1)));
    return entries;
  }

  private Journal open(JournalLimits limits) throws IOException {
    return Journal.open(directory, limits, CLOCK);
  }

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
  void cutAtEveryByteGivesTheStateAfterSomePrefix() throws IOException {
    var states = new ArrayList<String>();
    try (Journal journal = open(JournalLimits.STANDARD)) {
      states.add(Samples.show(journal.view()));
      for (Entry entry : sequence()) {
        journal.commit(entry).join();
        states.add(Samples.show(journal.view()));
      }
    }
    Path segment = segments().getFirst();
    byte[] whole = Files.readAllBytes(segment);
    Path cutDirectory = Files.createDirectory(directory.resolve("cut"));
    Path cut = cutDirectory.resolve(segment.getFileName());
    int reached = 0;
    for (int length = SegmentFormat.HEADER_BYTES; length <= whole.length; length++) {
      Files.write(cut, Arrays.copyOf(whole, length));
      var state = new JournalState(1000);
      new Recovery(cutDirectory, JournalLimits.STANDARD, DurableFiles.real(), state).recover();
      String found = Samples.show(state);
      while (reached < states.size() && !states.get(reached).equals(found)) {
        reached++;
      }
      assertTrue(reached < states.size(), "cut at " + length + " gives no prefix");
    }
    assertEquals(states.size() - 1, reached);
  }

  @Test
  void afterATornTailWritingGoesOn() throws IOException {
    try (Journal journal = open(JournalLimits.STANDARD)) {
      journal.commit(sequence().get(0)).join();
      journal.commit(sequence().get(1)).join();
    }
    Path segment = segments().getFirst();
    byte[] whole = Files.readAllBytes(segment);
    var random = new Random(7);
    for (int round = 0; round < 60; round++) {
      byte[] tail = new byte[random.nextInt(1, 5000)];
      switch (round % 3) {
        case 0 -> random.nextBytes(tail);
        case 1 -> Arrays.fill(tail, (byte) 0);
        default -> tail = Arrays.copyOf(new byte[] {0x7f, -1, -1, -1}, tail.length);
      }
      byte[] torn = Arrays.copyOf(whole, whole.length + tail.length);
      System.arraycopy(tail, 0, torn, whole.length, tail.length);
      Files.write(segment, torn);
      try (Journal journal = open(JournalLimits.STANDARD)) {
        assertEquals(2, journal.view().pendingEventCount());
        assertEquals(tail.length, journal.health().cutBytes());
        journal.commit(new Entry.EventAccepted(Samples.event("later", 10))).join();
      }
      try (Journal journal = open(JournalLimits.STANDARD)) {
        assertEquals(3, journal.view().pendingEventCount());
        assertEquals(0, journal.health().cutBytes());
      }
    }
  }

  @Test
  void damageInAnEarlierSegmentCostsOneRecordAndIsCounted() throws IOException {
    try (Journal journal = open(SMALL_SEGMENTS)) {
      for (int n = 0; n < 40; n++) {
        journal.commit(new Entry.EventAccepted(Samples.event("e" + n, 300))).join();
      }
    }
    Path first = segments().getFirst();
    byte[] bytes = Files.readAllBytes(first);
    bytes[SegmentFormat.HEADER_BYTES + 200] ^= 1;
    Files.write(first, bytes);
    try (Journal journal = open(SMALL_SEGMENTS)) {
      assertEquals(39, journal.view().pendingEventCount());
      assertEquals(1, journal.health().damagedRecords());
      assertEquals(1, journal.health().badSegments());
      assertTrue(journal.health().ok());
      assertTrue(Files.exists(first.resolveSibling(first.getFileName() + ".bad")));
    }
    try (Journal journal = open(SMALL_SEGMENTS)) {
      assertEquals(39, journal.view().pendingEventCount(), "what was read is kept");
      assertEquals(0, journal.health().damagedRecords());
      assertEquals(1, journal.health().badSegments());
    }
  }

  @Test
  void anySegmentMayBeGarbageWithoutKeepingTheJournalFromOpening() throws IOException {
    try (Journal journal = open(SMALL_SEGMENTS)) {
      for (int n = 0; n < 40; n++) {
        journal.commit(new Entry.EventAccepted(Samples.event("e" + n, 300))).join();
      }
    }
    var random = new Random(3);
    int before = 40;
    for (int round = 0; round < 4; round++) {
      List<Path> segments = segments();
      Path victim = segments.get(random.nextInt(segments.size()));
      byte[] bytes = Files.readAllBytes(victim);
      random.nextBytes(bytes);
      Files.write(victim, bytes);
      try (Journal journal = open(SMALL_SEGMENTS)) {
        assertTrue(journal.view().pendingEventCount() <= before);
        before = journal.view().pendingEventCount();
        journal.commit(new Entry.EventAccepted(Samples.event("r" + round, 300))).join();
        before++;
        assertEquals(before, journal.view().pendingEventCount());
      }
      try (Journal journal = open(SMALL_SEGMENTS)) {
        assertEquals(before, journal.view().pendingEventCount());
      }
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

  private Set<String> pending(Journal journal) {
    return journal.view().pendingEvents().stream()
        .map(event -> event.id().value())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private List<Path> segments() throws IOException {
    return DurableFiles.real().list(directory).stream()
        .filter(file -> SegmentFormat.number(file).isPresent())
        .toList();
  }

  private long size() throws IOException {
    long size = 0;
    for (Path file : segments()) {
      size += Files.size(file);
    }
    return size;
  }
}
