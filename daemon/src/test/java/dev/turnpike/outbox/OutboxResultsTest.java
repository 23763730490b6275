package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.Trace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a batch that a destination does not simply take. */
@Timeout(60)
class OutboxResultsTest extends OutboxCase {
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
              && Traces.bytes(batch.get().trace().observations().getFirst()) < 70_000;
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
    assertEquals(
        guilty, outbox.load(dead).orElseThrow().trace().observations().getFirst().frame().id());
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
            1000,
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
      outbox.retryNow();
      take();
      outbox.record(ref, new SendResult.Refused("400"));
    }
    assertEquals(2, journal.view().buried().size());
    assertEquals(2, counters.of("outbox.dropped"));
    assertEquals(2, filesIn("outbox").size());
  }

  @Test
  void aTraceOfWhichNoSpanIsTakenDoesNotHoldUpTheOthers() throws IOException {
    queue(Traces.turn(1, 12, 0), REMOTE, 1);
    queue(Traces.turn(2, 0, 0), REMOTE, 2);
    int refusals = 0;
    for (var next = outbox.next(REMOTE, now); next.isPresent(); next = outbox.next(REMOTE, now)) {
      boolean bad = next.get().trace().id().equals(Traces.turn(1, 12, 0).id());
      refusals += bad ? 1 : 0;
      outbox.record(next.get(), bad ? new SendResult.Refused("no") : new SendResult.Accepted());
    }
    assertTrue(refusals > 12, "down to the single span");
    assertEquals(0, outbox.status().batches());
    assertEquals(13, outbox.status().deadLetters().size());
    assertTrue(outbox.status().queues().stream().allMatch(queue -> queue.parked().isEmpty()));
  }

  @Test
  void whatWasRefusedIsTriedAgainAtOnesWish() throws IOException {
    for (int n = 0; n < 4; n++) {
      queue(Traces.turn(n, 0, 0), REMOTE, n);
    }
    for (int n = 0; n < 3; n++) {
      outbox.record(take(), new SendResult.Refused("HTTP 400 from a proxy"));
    }
    assertTrue(next().isEmpty());
    for (var letter : outbox.status().deadLetters()) {
      outbox.revive(letter.ref().id());
    }
    outbox.retryNow();
    for (int n = 0; n < 4; n++) {
      outbox.record(take(), new SendResult.Accepted());
    }
    assertEquals(0, outbox.status().batches());
    assertEquals(List.of(), outbox.status().deadLetters());
  }

  @Test
  void theNextAttemptIsShownByTheWallClock() throws IOException {
    queue(Traces.turn(1, 0, 0), REMOTE, 1);
    Batch batch = take();
    outbox.record(batch, new SendResult.RetryLater("busy", Optional.of(Duration.ofSeconds(60))));
    wallAhead = Duration.ofDays(1);
    assertEquals(
        now.plus(wallAhead).plusSeconds(60),
        outbox.status().queues().getFirst().ripeAt().orElseThrow());
  }

  @Test
  void aServerThatRefusesWhateverComesDoesNotGetTheWholeQueueBuried() throws IOException {
    for (int n = 0; n < 10; n++) {
      queue(Traces.turn(n, 0, 0), REMOTE, n);
    }
    for (int n = 0; n < 3; n++) {
      outbox.record(take(), new SendResult.Refused("HTTP 400 from a proxy"));
    }
    assertTrue(next().isEmpty(), "it is left alone");
    String parked = outbox.status().queues().getFirst().parked().orElseThrow();
    assertTrue(parked.contains("3 traces in a row"), parked);
    assertTrue(parked.contains("from a proxy"), parked);
    now = now.plus(Duration.ofMinutes(16));
    outbox.record(take(), new SendResult.Refused("HTTP 400 from a proxy"));
    assertTrue(next().isEmpty(), "one at a time from now on");
    now = now.plus(Duration.ofMinutes(16));
    outbox.record(take(), new SendResult.Accepted());
    outbox.record(take(), new SendResult.Refused("one bad span"));
    assertTrue(next().isPresent(), "a server that takes others is not blamed for one");
    assertEquals(5, journal.view().buried().size());
  }
}
