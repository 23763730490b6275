package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.FaultyFiles.Fate;
import dev.turnpike.model.TurnKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was declined, forgotten or lies nowhere else, across deaths and failing disks. */
@Timeout(60)
final class SessionsKeepTheirWordTest extends SessionsCase {
  @Test
  void aDeclinedPromptStaysSoWhenTheDiskRefusesTheMark() throws Exception {
    write("turn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    files.plan((operation, what, file) -> Fate.FAILS);
    var _ = sessions.declined(event(Moment.PROMPT_SUBMITTED, "p2"));
    await(() -> !sessions.troubles().isEmpty());
    files.plan((operation, what, file) -> Fate.WORKS);
    write("turn p2\nturn p3\n");
    tell(Moment.TURN_ENDED, "p3");
    flush();
    assertEquals(1, counted("turn.declined"));
    assertEquals(2, counted("turn.exported"));
    assertEquals(2, outbox.status().batches());
  }

  @Test
  void aPromptDeclinedBeforeItsSessionWasKnownIsNotSent() throws Exception {
    write("turn p1\nturn p2\n");
    var _ = sessions.declined(event(Moment.PROMPT_SUBMITTED, "p2"));
    tell(Moment.TURN_ENDED, "p1");
    flush();
    assertEquals(1, counted("turn.declined"));
    assertEquals(1, counted("turn.exported"));
  }

  @Test
  void whatWasAnsweredAsDeclinedIsNeverSentHoweverSoonTheProcessEnds() throws Exception {
    write("turn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    for (int round = 0; round < 5; round++) {
      sessions.declined(event(Moment.PROMPT_SUBMITTED, "secret" + round)).join();
      stop(); // its worker may not have got to it
      start();
      write("turn secret" + round + "\nturn open" + round + "\n");
      tell(Moment.TURN_ENDED, "open" + round);
      flush();
      assertEquals(1, counted("turn.declined"), "in round " + round);
    }
    assertEquals(6, outbox.status().batches());
    assertEquals(List.of(), journal.view().declinedPrompts());
  }

  @Test
  void manyCallsOfADeclinedPromptLeaveOneMark() throws Exception {
    for (int n = 0; n < 20; n++) {
      sessions.declined(event(Moment.ACTIVITY, "p2")).join();
    }
    assertEquals(1, journal.view().declinedPrompts().size());
    write("turn p1\nturn p2\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    assertEquals(1, counted("turn.declined"));
    assertEquals(List.of(), journal.view().declinedPrompts());
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
  void aDeclinedPromptIsMarkedAnewWhenItsSessionWasForgotten() throws Exception {
    write("turn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    sessions.declined(event(Moment.PROMPT_SUBMITTED, "p2")).join();
    sessions.forget(
        SESSION,
        () -> {
          journal.commitNow(new Entry.SessionForgotten(SESSION));
          return true;
        });
    assertEquals(List.of(), journal.view().declinedPrompts());
    sessions.declined(event(Moment.ACTIVITY, "p2")).join();
    assertEquals(1, journal.view().declinedPrompts().size());
  }
}
