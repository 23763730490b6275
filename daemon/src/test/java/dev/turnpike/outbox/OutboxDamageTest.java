package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.journal.Samples;
import dev.turnpike.journal.Step;
import dev.turnpike.model.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Missing bodies, a journal that cannot be told or is damaged, and a kill anywhere. */
@Timeout(60)
class OutboxDamageTest extends OutboxCase {
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

  /** Who lists what waits may come with a batch that is out by now: it is no failure. */
  @Test
  void whatWasSentSinceSomebodySawItIsInTheHistory() throws IOException {
    Trace trace = Traces.turn(1, 1, 1);
    BatchRef seen = queue(trace, REMOTE, 1).getFirst();
    assertEquals(trace.id(), outbox.load(seen).orElseThrow().trace().id());
    outbox.record(take(), new SendResult.Accepted());
    assertTrue(outbox.load(seen).isEmpty());
    assertEquals(List.of(trace.id()), history.latest(1).stream().map(k -> k.trace().id()).toList());
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
}
