package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Line;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.FaultyFiles.Fate;
import dev.turnpike.model.TurnKey;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SessionsTest extends SessionsCase {
  @Test
  void aTurnGoesToTheOutboxAndItsEventIsConsumed() throws Exception {
    write("turn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    assertEquals(1, outbox.status().batches());
    assertEquals(List.of(), inbox.pending());
    assertEquals(1, counted("turn.exported"));
  }

  @Test
  void aRowNobodyCanTakeIsPassedOver() throws Exception {
    write("turn p1\nbad\nturn p2\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    assertTrue(exported("p1"));
    assertTrue(exported("p2"));
    assertEquals(1, counted("line.failed"));
    assertEquals(List.of(), sessions.troubles());
  }

  @Test
  void anOversizedRowIsCountedOnce() throws Exception {
    write("x".repeat(Line.LIMIT_BYTES + 1) + "\nturn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    assertTrue(exported("p1"));
    assertEquals(1, counted("line.oversized"));
  }

  @Test
  void anEventNobodyCanTakeDoesNotStopTheOthers() throws Exception {
    write("turn p1\n");
    tell(Moment.PROMPT_SUBMITTED, "bad");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    assertTrue(exported("p1"));
    assertEquals(List.of(), inbox.pending());
    assertEquals(1, counted("event.failed"));
  }

  @Test
  void aFlushIsAnsweredWhenTheDiskAnswersAgain() throws Exception {
    files.plan(
        (operation, what, file) ->
            file.startsWith(home.resolve("outbox")) ? Fate.FAILS : Fate.WORKS);
    write("turn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    inbox.routed().get(20, TimeUnit.SECONDS);
    var flushed = sessions.flush();
    await(() -> !sessions.troubles().isEmpty());
    assertFalse(flushed.isDone());
    files.plan((operation, what, file) -> Fate.WORKS);
    flushed.get(20, TimeUnit.SECONDS);
    assertTrue(exported("p1"));
  }

  @Test
  void aFileThatIsOpenedAgainAfterARestartIsNotTakenForAnother() throws Exception {
    write("turn p1" + " and a long prompt".repeat(100) + "\nturn p2\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    stop();
    start();
    write("turn p3\n");
    tell(Moment.TURN_ENDED, "p3");
    flush();
    assertTrue(exported("p3"));
    assertEquals(0, counted("transcript.replaced"));
    assertEquals(1, counted("turn.exported"));
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
  void anEventOfAnotherAgentGoesToThatAgent() throws Exception {
    write("turn p1\n");
    inbox.accept(event("of-line-2;TURN_ENDED;p1;" + transcript), false).join();
    flush();
    assertTrue(exported("p1"));
    assertEquals(0, counted("turn.exported"));
    assertEquals(1, counted("event.passed-on.line-2"));
    assertEquals(1, sessions.counters(LineAgent.SECOND).of("turn.exported"));
    assertEquals(List.of(), inbox.pending());
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
          inbox.routed().join();
          assertFalse(sessions.activeSessions().contains(SESSION), "nothing is routed meanwhile");
          journal.commitNow(new Entry.SessionForgotten(SESSION));
          return true;
        });
    flush();
    assertEquals(2, counted("turn.exported"), "what it knew is gone, so its file is read anew");
  }
}
