package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Samples;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Trace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutboxTest extends OutboxCase {
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
    assertEquals(0, filesIn("outbox").size());
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
    assertEquals(0, filesIn("outbox").size());
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
  void aFullQueueRefusesToStageAndEvictsNothing() throws IOException {
    limits =
        new OutboxLimits(
            1500,
            1000,
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
  void smallBatchesFillTheQueueByTheirNumber() throws IOException {
    OutboxLimits usual = OutboxLimits.STANDARD;
    limits =
        new OutboxLimits(
            usual.queueBytes(),
            2,
            usual.spansPerBatch(),
            usual.estimatedBytes(),
            usual.deadLetters(),
            usual.deadLetterBytes(),
            usual.backoffFirst(),
            usual.backoffLast(),
            usual.live());
    reopen();
    queue(Traces.turn(1, 1, 1), REMOTE, 1);
    BatchRef second = queue(Traces.turn(2, 1, 1), DestinationId.LOCAL, 1).getFirst();
    assertEquals(1, outbox.waiting(REMOTE::equals).batches());
    assertEquals(2, outbox.waiting(any -> true).batches());
    assertEquals(outbox.bytes(), outbox.waiting(any -> true).bytes());
    assertTrue(outbox.status().full());
    assertThrows(OutboxFull.class, () -> queue(Traces.turn(3, 1, 1), REMOTE, 1));
    outbox.settle(second.id());
    assertFalse(outbox.status().full());
    assertEquals(0, outbox.waiting(DestinationId.LOCAL::equals).batches());
    queue(Traces.turn(3, 1, 1), REMOTE, 1);
  }

  @Test
  void aBatchThatCannotBeReadNowIsSentLater() throws IOException {
    queue(Traces.turn(1, 1, 10), REMOTE, 1);
    files.unreadable(Optional.of(new IOException("Too many open files")));
    assertTrue(next().isEmpty());
    files.unreadable(Optional.empty());
    now = now.plusSeconds(600);
    assertTrue(next().isPresent());
    assertEquals(0, counters.of("outbox.dropped"));
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
    assertEquals(0, filesIn("traces").size());
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
    assertEquals(0, filesIn("traces").size());
  }
}
