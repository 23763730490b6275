package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.journal.Entry;
import dev.turnpike.model.TurnKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was forgotten or lies nowhere else, across deaths and failing disks. */
@Timeout(60)
final class SessionsKeepTheirWordTest extends SessionsCase {

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
}
