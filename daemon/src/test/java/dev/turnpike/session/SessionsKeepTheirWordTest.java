package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.journal.Entry;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.TurnKey;
import dev.turnpike.outbox.OutboxLimits;
import dev.turnpike.outbox.SendResult;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was forgotten or lies nowhere else, across deaths and failing disks. */
@Timeout(60)
final class SessionsKeepTheirWordTest extends SessionsCase {

  @Test
  void aFullOutboxIsNotTriedAnewWithEverythingUntilSomethingHasLeftIt() throws Exception {
    OutboxLimits usual = OutboxLimits.STANDARD;
    stop();
    limits =
        new OutboxLimits(
            900,
            usual.queueBatches(),
            usual.spansPerBatch(),
            usual.estimatedBytes(),
            usual.deadLetters(),
            usual.deadLetterBytes(),
            usual.backoffFirst(),
            usual.backoffLast(),
            usual.live());
    start();
    write("turn p1\nturn p2\nturn p3\nturn p4\nturn p5\n");
    tell(Moment.TURN_ENDED, "p1");
    await(() -> !sessions.troubles().isEmpty());
    long read = counted("line.read");
    for (int n = 0; n < 20; n++) {
      tell(Moment.ACTIVITY, "p1");
    }
    await(() -> sessions.waiting(SESSION) >= 20);
    sessions.sweep();
    assertEquals(read, counted("line.read"), "nothing is read while there is no room");
    while (!exported("p5")) {
      var batch = outbox.next(DestinationId.LOCAL, now);
      if (batch.isPresent()) {
        outbox.record(batch.get(), new SendResult.Accepted());
      }
      tell(Moment.ACTIVITY, "p1");
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
    assertEquals(5, journal.view().sessions().iterator().next().turns());
  }

  @Test
  void whatWasOnlyPushedIsToldAgainAfterARestartUntilItsTurnIsClosed() throws Exception {
    push(Moment.PROMPT_SUBMITTED, "a");
    for (int i = 0; i < 200; i++) {
      push(Moment.ACTIVITY, "b" + i);
    }
    flush();
    assertEquals(201, inbox.pending().size());
    stop();
    start();
    push(Moment.TURN_ENDED, "c");
    flush();
    assertEquals(List.of(), inbox.pending());
    assertEquals(1, outbox.status().batches());
    assertEquals(1, counted("turn.exported"));
    assertTrue(
        journal
            .view()
            .exported(
                new TurnKey(
                    java.util.stream.IntStream.range(0, 200)
                        .mapToObj(i -> "b" + i)
                        .collect(java.util.stream.Collectors.joining(" ", "a ", " c")))));
  }

  @Test
  void eventsOfTheNextPushedTurnStayWhenOneIsClosed() throws Exception {
    push(Moment.PROMPT_SUBMITTED, "a");
    push(Moment.TURN_ENDED, "b");
    push(Moment.PROMPT_SUBMITTED, "c");
    flush();
    assertTrue(exported("a b"));
    assertEquals(1, inbox.pending().size());
  }

  @Test
  void aForgottenSessionLeavesNoEvents() throws Exception {
    write("open p1\n");
    tell(Moment.PROMPT_SUBMITTED, "p1");
    flush();
    assertEquals(1, inbox.pending().size());
    sessions.forget(SESSION, () -> true);
    await(() -> inbox.pending().isEmpty());
    assertFalse(sessions.activeSessions().contains(SESSION));
  }

  @Test
  void anEventThatComesWhileItsSessionIsForgottenFindsANewOne() throws Exception {
    write("turn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    sessions.forget(
        SESSION,
        () -> {
          tell(Moment.ACTIVITY, "p1");
          assertFalse(sessions.activeSessions().contains(SESSION), "nothing is routed meanwhile");
          journal.commitNow(new Entry.SessionForgotten(SESSION));
          return true;
        });
    flush();
    assertEquals(2, counted("turn.exported"), "what it knew is gone, so its file is read anew");
  }

  @Test
  void aFlushLeavesNoEventOfAProcessThatEnded() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    String told = "session-1;" + Moment.TURN_ENDED + ";p1;" + transcript + ";" + ended.pid();
    write("turn p1\n");
    inbox.accept(event(told), false).join();
    flush();
    assertTrue(exported("p1"));
    inbox.accept(event(told), false).join();
    flush();
    assertEquals(0, inbox.pending().size());
  }

  /** While the journal's thread is at work, that an event is dropped waits to be written. */
  @Test
  void aFlushLeavesNoEventThatMeansNothing() throws Exception {
    for (int i = 0; i < 100; i++) {
      inbox.accept(event(""), false).join();
      for (int n = 0; n < 5; n++) {
        var _ = journal.commit(new Entry.SessionPaused(SESSION, false));
      }
      flush();
      assertEquals(List.of(), inbox.pending(), "round " + i);
    }
  }

  @Test
  void aTurnOfAProcessThatIsNotHeardYetIsNotClosedForTheOneBefore() throws Exception {
    Process before = new ProcessBuilder("true").start();
    before.waitFor();
    String told = "session-1;" + Moment.PROMPT_SUBMITTED + ";%s;" + transcript + ";%d";
    write("turn p1\n");
    inbox.accept(event(told.formatted("p1", before.pid())), false).join();
    flush();
    assertTrue(exported("p1"));
    spool(told.formatted("p2", ProcessHandle.current().pid()));
    write("open p2\n");
    flush();
    assertFalse(exported("p2"));
  }

  @Test
  void aTurnThatAnotherProcessFollowsWaitsForWhatItsOwnHasLeftInTheSpool() throws Exception {
    String told = "session-1;%s;%s;;%d";
    inbox.accept(event(told.formatted(Moment.PROMPT_SUBMITTED, "a", 1)), true).join();
    flush();
    spool(told.formatted(Moment.TURN_ENDED, "b", 1));
    inbox.accept(event(told.formatted(Moment.PROMPT_SUBMITTED, "c", 2)), true).join();
    flush();
    assertTrue(exported("a b"));
    assertEquals(1, inbox.pending().size());
  }

  @Test
  void aTurnThatAnotherProcessFollowsEndsWhenTheSpoolHasNothingOfIt() throws Exception {
    String told = "session-1;%s;%s;;%d";
    inbox.accept(event(told.formatted(Moment.PROMPT_SUBMITTED, "a", 1)), true).join();
    inbox.accept(event(told.formatted(Moment.PROMPT_SUBMITTED, "c", 2)), true).join();
    flush();
    assertTrue(exported("a"));
    assertEquals(1, inbox.pending().size());
  }

  @Test
  void whatLiesBeforeTheFirstHookThatIsHeardIsNoHistoryIfTheSpoolHoldsAnEarlierOne()
      throws Exception {
    spool("session-1;" + Moment.SESSION_STARTED + ";;" + transcript);
    write("old p1\nold p2\nturn p3\n");
    tell(Moment.TURN_ENDED, "p3");
    flush();
    assertTrue(exported("p1"));
    assertTrue(exported("p2"));
    assertTrue(exported("p3"));
    assertEquals(0, counted("turn.skipped.before_first_contact"));
  }

  @Test
  void whatLiesBeforeTheFirstHookThatIsHeardIsHistoryIfTheSpoolSaysNothingElse() throws Exception {
    spool("session-1;" + Moment.ACTIVITY + ";p3;" + transcript);
    write("old p1\nold p2\nturn p3\n");
    tell(Moment.TURN_ENDED, "p3");
    flush();
    assertFalse(exported("p1"));
    assertFalse(exported("p2"));
    assertTrue(exported("p3"));
    assertEquals(2, counted("turn.skipped.before_first_contact"));
    assertEquals(0, inbox.pending().size());
  }
}
