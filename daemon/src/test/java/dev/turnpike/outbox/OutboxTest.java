package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.journal.Samples;
import dev.turnpike.journal.Step;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OutboxTest {
  private static final DestinationId REMOTE = Samples.REMOTE;

  @TempDir Path directory;
  private final Counters counters = new Counters();
  private final FaultyFiles files = FaultyFiles.faultless();
  private final List<DestinationId> woken = new ArrayList<>();
  private OutboxLimits limits = OutboxLimits.STANDARD;
  private Instant now = Samples.AT;
  private Journal journal;
  private History history;
  private Outbox outbox;

  @BeforeEach
  void open() throws IOException {
    journal = Journal.open(directory.resolve("journal"), JournalLimits.STANDARD, () -> now, files);
    history =
        History.open(
            directory.resolve("traces"), HistoryLimits.STANDARD, () -> now, counters, files);
    outbox =
        Outbox.open(
            directory.resolve("outbox"),
            journal,
            history,
            limits,
            () -> now,
            new Random(1),
            counters,
            files);
    outbox.listen(woken::add);
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private void reopen() throws IOException {
    close();
    open();
  }

  /** Stages, commits the step, queues. */
  private List<BatchRef> queue(Trace trace, DestinationId destination, int session)
      throws IOException {
    List<BatchRef> refs = outbox.stage(trace, destination, Samples.session(session));
    journal.commitNow(
        new Entry.StepTaken(
            new Step(Samples.session(session), now, Set.of(), "{}", refs, Set.of())));
    outbox.queued(refs);
    return refs;
  }

  private Optional<Trace> next() throws IOException {
    return outbox.next(REMOTE, now).map(Batch::trace);
  }

  private Batch take() throws IOException {
    return outbox.next(REMOTE, now).orElseThrow();
  }

  @Test
  void aTraceGoesOutAsItCameAndIsKeptAsSent() throws IOException {
    Trace trace = Traces.turn(1, 3, 10);
    BatchRef ref = queue(trace, REMOTE, 1).getFirst();
    assertEquals(List.of(REMOTE), woken);
    Batch batch = take();
    assertEquals(ref, batch.ref());
    assertEquals(4, batch.trace().observations().size());
    assertTrue(next().isEmpty(), "one in flight");
    outbox.record(ref, new SendResult.Accepted());
    assertEquals(0, outbox.status().batches());
    assertEquals(List.of(), journal.view().pendingBatches());
    History.KeptTrace kept = history.find(trace.id().hex().substring(0, 6), 10).getFirst();
    assertTrue(kept.sent());
    assertEquals(trace.id(), kept.trace().id());
    assertEquals(0, files("outbox").size());
    reopen();
    assertTrue(next().isEmpty());
    assertEquals(1, history.entries().size());
  }

  @Test
  void whatNoStepNamesIsSweptAndStagingAgainGivesTheSameBatches() throws IOException {
    Trace trace = Traces.turn(1, 450, 10);
    List<BatchRef> first = outbox.stage(trace, REMOTE, Samples.session(1));
    assertEquals(3, first.size());
    reopen();
    assertEquals(0, files("outbox").size());
    assertTrue(next().isEmpty());
    List<BatchRef> second = outbox.stage(trace, REMOTE, Samples.session(1));
    assertEquals(first, second);
    assertFalse(
        outbox
            .stage(trace, DestinationId.LOCAL, Samples.session(1))
            .getFirst()
            .id()
            .equals(first.getFirst().id()));
  }

  @Test
  void everythingPendingIsThereAfterARestartWithItsPinnedBytes() throws IOException {
    Trace trace = Traces.turn(1, 3, 10);
    BatchRef ref = queue(trace, REMOTE, 1).getFirst();
    take();
    outbox.pinWire(ref, new byte[] {1, 2, 3});
    reopen();
    Batch again = take();
    assertEquals(ref, again.ref());
    assertArrayEquals(new byte[] {1, 2, 3}, outbox.wire(ref).orElseThrow());
    outbox.record(ref, new SendResult.OtherPath("classic"));
    assertTrue(outbox.wire(ref).isEmpty());
    assertEquals(ref, take().ref(), "at once");
  }

  @Test
  void aSessionKeepsItsOrderAndLiveTurnsGoBeforeTheBacklog() throws IOException {
    queue(Traces.turn(1, 1, 1), REMOTE, 1);
    queue(Traces.turn(2, 1, 1), REMOTE, 1);
    reopen();
    now = now.plus(Duration.ofHours(1));
    queue(Traces.turn(3, 1, 1), REMOTE, 2);
    queue(Traces.turn(4, 1, 1), REMOTE, 2);
    var order = new ArrayList<Object>();
    for (int i = 0; i < 4; i++) {
      Batch batch = take();
      order.add(batch.trace().id());
      outbox.settle(batch.ref().id());
    }
    assertEquals(List.of(Traces.id(3), Traces.id(4), Traces.id(1), Traces.id(2)), order);
  }

  @Test
  void backoffGrowsWithJitterAndHasALimit() throws IOException {
    BatchRef ref = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    for (int attempt = 1; attempt < 20; attempt++) {
      assertEquals(ref, take().ref());
      outbox.record(ref, new SendResult.RetryLater("503", Optional.empty()));
      Instant ripe = outbox.ripeAt(REMOTE).orElseThrow();
      long ceiling = Math.min(300_000, 1000L << (attempt - 1));
      assertTrue(ripe.isAfter(now) && !ripe.isAfter(now.plusMillis(ceiling)), "attempt " + attempt);
      assertTrue(next().isEmpty());
      now = ripe;
    }
    assertEquals(19, outbox.status().queues().getFirst().failures());
    outbox.retryNow();
    outbox.settle(take().ref().id());
    assertEquals(List.of(), outbox.status().queues());
  }

  @Test
  void retryAfterHoldsTheWholeDestinationAndNoOther() throws IOException {
    BatchRef ref = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    queue(Traces.turn(2, 1, 1), REMOTE, 2);
    queue(Traces.turn(3, 1, 1), DestinationId.LOCAL, 3);
    take();
    outbox.record(ref, new SendResult.RetryLater("429", Optional.of(Duration.ofSeconds(90))));
    now = now.plusSeconds(89);
    assertTrue(next().isEmpty());
    assertTrue(outbox.next(DestinationId.LOCAL, now).isPresent());
    now = now.plusSeconds(1);
    assertTrue(next().isPresent());
  }

  @Test
  void aParkedDestinationWaitsForCredentialsOrTheRecheck() throws IOException {
    BatchRef ref = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    take();
    outbox.record(ref, new SendResult.Unauthorized("401", Duration.ofMinutes(15)));
    assertTrue(next().isEmpty());
    assertEquals(Optional.of("401"), outbox.status().queues().getFirst().parked());
    woken.clear();
    outbox.unpark(REMOTE);
    assertEquals(List.of(REMOTE), woken);
    take();
    outbox.record(ref, new SendResult.Unauthorized("401", Duration.ofMinutes(15)));
    now = now.plus(Duration.ofMinutes(15));
    assertTrue(next().isPresent());
  }

  @Test
  void tooLargeIsHalvedThenCutThenBuriedAndEachSpanIsKept() throws IOException {
    queue(Traces.turn(1, 2, 100_000), REMOTE, 1);
    int sent = 0;
    int rounds = 0;
    while (rounds++ < 50) {
      Optional<Batch> batch = outbox.next(REMOTE, now);
      if (batch.isEmpty()) {
        break;
      }
      boolean small =
          batch.get().trace().observations().size() == 1
              && Body.estimate(batch.get().trace().observations().getFirst()) < 70_000;
      if (small) {
        sent++;
      }
      outbox.record(
          batch.get().ref(), small ? new SendResult.Accepted() : new SendResult.TooLarge("413"));
    }
    assertEquals(3, sent);
    assertEquals(List.of(), journal.view().pendingBatches());
    assertEquals(3, history.latest(5).getFirst().trace().observations().size());
    reopen();
    assertTrue(next().isEmpty());
  }

  @Test
  void aRefusedSpanIsFoundAndBuriedAndTheRestGoesOut() throws IOException {
    Trace trace = Traces.turn(1, 9, 10);
    var guilty = trace.observations().get(4).frame().id();
    queue(trace, REMOTE, 1);
    int accepted = 0;
    Optional<Batch> batch = outbox.next(REMOTE, now);
    while (batch.isPresent()) {
      boolean bad =
          batch.get().trace().observations().stream().anyMatch(o -> o.frame().id().equals(guilty));
      accepted += bad ? 0 : batch.get().trace().observations().size();
      outbox.record(
          batch.get().ref(), bad ? new SendResult.Refused("400") : new SendResult.Accepted());
      batch = outbox.next(REMOTE, now);
    }
    assertEquals(9, accepted);
    BatchRef dead = journal.view().buried().getFirst().ref();
    assertEquals(guilty, outbox.load(dead).trace().observations().getFirst().frame().id());
    reopen();
    assertTrue(next().isEmpty());
    outbox.revive(dead.id());
    assertEquals(dead, take().ref());
  }

  @Test
  void partlyAcceptedKeepsWhatWasTakenBuriesWhatNeverWillBeAndRetriesTheRest() throws IOException {
    Trace trace = Traces.turn(1, 3, 10);
    BatchRef ref = queue(trace, REMOTE, 1).getFirst();
    take();
    var never = trace.observations().get(1).frame().id();
    var later = trace.observations().get(2).frame().id();
    outbox.record(
        ref,
        new SendResult.PartlyAccepted(
            List.of(new Rejection(never, "400", true), new Rejection(later, "500", false))));
    assertEquals(1, journal.view().buried().size());
    now = now.plusSeconds(400);
    Batch again = take();
    assertEquals(1, again.trace().observations().size());
    assertEquals(later, again.trace().observations().getFirst().frame().id());
  }

  @Test
  void deadLettersAreBounded() throws IOException {
    limits =
        new OutboxLimits(
            1 << 20,
            200,
            1 << 20,
            2,
            1 << 20,
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(1));
    reopen();
    for (int n = 0; n < 4; n++) {
      BatchRef ref = queue(Traces.turn(n, 0, 0), REMOTE, n).getFirst();
      take();
      outbox.record(ref, new SendResult.Refused("400"));
    }
    assertEquals(2, journal.view().buried().size());
    assertEquals(2, counters.of("outbox.dropped"));
    assertEquals(2, files("outbox").size());
  }

  @Test
  void aFullQueueRefusesToStageAndEvictsNothing() throws IOException {
    limits =
        new OutboxLimits(
            1500,
            200,
            1 << 20,
            2,
            1 << 20,
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(1));
    reopen();
    int taken = 0;
    while (taken < 100) {
      int n = taken;
      try {
        queue(Traces.turn(n, 1, 1), REMOTE, 1);
      } catch (OutboxFull e) {
        break;
      }
      taken++;
    }
    assertTrue(taken > 1 && taken < 100);
    assertEquals(taken, outbox.status().batches());
    outbox.settle(take().ref().id());
    queue(Traces.turn(1000, 1, 1), REMOTE, 1);
  }

  @Test
  void aBatchWhoseBodyIsGoneIsDroppedAndTheNextGoes() throws IOException {
    BatchRef gone = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    BatchRef torn = queue(Traces.turn(2, 1, 1), REMOTE, 2).getFirst();
    BatchRef good = queue(Traces.turn(3, 1, 1), REMOTE, 3).getFirst();
    Files.delete(directory.resolve("outbox/" + gone.id() + ".json.gz"));
    Files.write(directory.resolve("outbox/" + torn.id() + ".json.gz"), new byte[20]);
    assertEquals(good, take().ref());
    assertEquals(2, counters.of("outbox.dropped"));
    assertEquals(List.of(good), journal.view().pendingBatches());
  }

  @Test
  void localTracesAreKeptAndCanBeSentLater() throws IOException {
    Trace trace = Traces.turn(1, 3, 10);
    BatchRef ref = queue(trace, DestinationId.LOCAL, 1).getFirst();
    assertTrue(outbox.next(DestinationId.LOCAL, now).isPresent());
    outbox.record(ref, new SendResult.Accepted());
    assertFalse(history.latest(1).getFirst().sent());
    assertEquals(1, outbox.requeue(trace.id().hex(), REMOTE));
    reopen();
    Batch batch = take();
    assertEquals(trace.id(), batch.trace().id());
    assertEquals(Samples.session(1), batch.ref().session());
    outbox.record(batch.ref(), new SendResult.Accepted());
    assertEquals(1, history.entries().size(), "shown once, as sent");
    assertTrue(history.latest(1).getFirst().sent());
    assertEquals(0, outbox.requeue(trace.id().hex(), REMOTE));
  }

  @Test
  void theHistoryIsBoundedAndMergesBodies() throws IOException {
    Trace big = Traces.turn(1, 450, 10);
    for (BatchRef ref : queue(big, REMOTE, 1)) {
      take();
      outbox.settle(ref.id());
    }
    assertEquals(3, history.entries().size());
    assertEquals(451, history.latest(1).getFirst().trace().observations().size());
    var small = new HistoryLimits(history.bytes() - 1, Duration.ofDays(90));
    History bounded = History.open(directory.resolve("traces"), small, () -> now, counters, files);
    assertEquals(2, bounded.entries().size());
    History aged =
        History.open(
            directory.resolve("traces"),
            HistoryLimits.STANDARD,
            () -> now.plus(Duration.ofDays(91)),
            counters,
            files);
    assertEquals(0, aged.entries().size());
    assertEquals(0, files("traces").size());
  }

  @Test
  void aPurgedSessionLeavesNothing() throws IOException {
    BatchRef sent = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    take();
    outbox.settle(sent.id());
    queue(Traces.turn(2, 1, 1), REMOTE, 1);
    queue(Traces.turn(3, 1, 1), REMOTE, 2);
    assertEquals(1, outbox.purge(Samples.session(1)));
    assertEquals(1, history.purge(Samples.session(1)));
    assertEquals(Traces.id(3), take().trace().id());
    assertEquals(0, files("traces").size());
  }

  @Test
  void whatWasDeliveredButCouldNotBeRecordedIsNotSentAgain() throws IOException {
    BatchRef ref = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    take();
    files.plan(
        (operation, what, file) ->
            file.toString().contains("/journal/")
                ? FaultyFiles.Fate.FAILS
                : FaultyFiles.Fate.WORKS);
    assertThrows(IOException.class, () -> outbox.record(ref, new SendResult.Accepted()));
    now = now.plusSeconds(600);
    assertTrue(next().isEmpty());
    files.plan((operation, what, file) -> FaultyFiles.Fate.WORKS);
    now = now.plusSeconds(600);
    assertTrue(next().isEmpty());
    assertEquals(List.of(), journal.view().pendingBatches());
  }

  @Test
  void afterDamageInTheJournalBodiesThatNoRecordNamesAreQueuedAgain() throws IOException {
    BatchRef ref = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    journal.close();
    Path segment = directory.resolve("journal/0000000000000001.seg");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[60] ^= 1;
    Files.write(segment, bytes);
    // A second segment makes the first an earlier one: what is damaged there was promised.
    Path next = directory.resolve("journal/0000000000000002.seg");
    try (Journal other =
        Journal.open(directory.resolve("other"), JournalLimits.STANDARD, () -> now)) {
      other.commitNow(new Entry.SessionPaused(Samples.session(9), true));
    }
    byte[] second = Files.readAllBytes(directory.resolve("other/0000000000000001.seg"));
    Files.write(next, second);
    open();
    assertTrue(journal.health().damagedRecords() > 0);
    assertEquals(ref.id(), take().ref().id());
    assertEquals(1, counters.of("outbox.adopted"));
    reopen();
    assertEquals(ref.id(), take().ref().id(), "it is in the journal now");
  }

  @Test
  void aKillAtAnyFileOperationNeitherLosesNorInventsATrace() throws IOException {
    for (int at = 1; at < 40; at++) {
      Path home = directory.resolve("kill" + at);
      var killed = FaultyFiles.killedAt(at);
      boolean committed = stageAndSettle(home, killed, Traces.turn(at, 2, 10));
      try (Journal found =
          Journal.open(home.resolve("journal"), JournalLimits.STANDARD, () -> now)) {
        var kept =
            History.open(
                home.resolve("traces"),
                HistoryLimits.STANDARD,
                () -> now,
                counters,
                FaultyFiles.faultless());
        var again =
            Outbox.open(
                home.resolve("outbox"),
                found,
                kept,
                limits,
                () -> now,
                new Random(1),
                counters,
                FaultyFiles.faultless());
        boolean pending = again.next(REMOTE, now).isPresent();
        boolean done = !kept.latest(1).isEmpty();
        assertTrue(!committed || pending || done, "lost at operation " + at);
        assertEquals(0, counters.of("outbox.dropped"), "at operation " + at);
      }
    }
  }

  private boolean stageAndSettle(Path home, FaultyFiles killed, Trace trace) {
    boolean committed = false;
    try (Journal some =
        Journal.open(home.resolve("journal"), JournalLimits.STANDARD, () -> now, killed)) {
      var kept =
          History.open(home.resolve("traces"), HistoryLimits.STANDARD, () -> now, counters, killed);
      var box =
          Outbox.open(
              home.resolve("outbox"),
              some,
              kept,
              limits,
              () -> now,
              new Random(1),
              counters,
              killed);
      List<BatchRef> refs = box.stage(trace, REMOTE, Samples.session(1));
      some.commitNow(
          new Entry.StepTaken(new Step(Samples.session(1), now, Set.of(), "{}", refs, Set.of())));
      committed = true;
      box.queued(refs);
      Batch batch = box.next(REMOTE, now).orElseThrow();
      box.pinWire(batch.ref(), new byte[] {1});
      box.settle(batch.ref().id());
    } catch (IOException e) {
      return committed;
    }
    return committed;
  }

  private List<Path> files(String name) throws IOException {
    return files.list(directory.resolve(name));
  }
}
