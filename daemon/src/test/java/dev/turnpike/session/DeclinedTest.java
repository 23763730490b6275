package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.FaultyFiles.Fate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prompts for which tracing was off. */
final class DeclinedTest extends SessionsCase {
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

  @Test
  void aCallWhoseMarkCouldNotBeWrittenIsNotAnsweredAndTheNextBringsOne() throws Exception {
    files.plan((operation, what, file) -> Fate.FAILS);
    var refused = sessions.declined(event(Moment.PROMPT_SUBMITTED, "p2"));
    await(refused::isDone);
    assertTrue(refused.isCompletedExceptionally());
    files.plan((operation, what, file) -> Fate.WORKS);
    sessions.declined(event(Moment.ACTIVITY, "p2")).join();
    assertEquals(1, journal.view().declinedPrompts().size());
  }

  @Test
  void aMarkIsOnTheDiskBeforeItsCallIsAnswered() throws Exception {
    var done = java.util.Collections.synchronizedList(new java.util.ArrayList<String>());
    files.plan(
        (operation, what, file) -> {
          done.add(what);
          return Fate.WORKS;
        });
    sessions.declined(event(Moment.PROMPT_SUBMITTED, "p2")).join();
    assertTrue(done.contains("force"), done.toString());
  }
}
