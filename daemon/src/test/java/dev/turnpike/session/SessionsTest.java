package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Line;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.journal.FaultyFiles.Fate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
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
    var flushed = sessions.flush();
    await(() -> !sessions.troubles().isEmpty());
    assertFalse(flushed.isDone());
    files.plan((operation, what, file) -> Fate.WORKS);
    flushed.get(20, TimeUnit.SECONDS);
    assertTrue(exported("p1"));
  }

  @Test
  void whatBecomesCertainDuringALookIsToldBeforeAFlushIsAnswered() throws Exception {
    write("open p1\n");
    tell(Moment.ACTIVITY, "p1");
    flush();
    assertFalse(exported("p1"));
    polled =
        () -> {
          polled = () -> {};
          now = now.plus(Duration.ofHours(1));
        };
    flush();
    assertTrue(exported("p1"));
  }

  /** A Stop out of the spool, of a turn so long over that nobody remembers it, say. */
  @Test
  void anAnnouncementOfNothingIsConsumedWhenItWasWaitedFor() throws Exception {
    write("turn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    tell(Moment.TURN_ENDED, LineAgent.NEVER_COMES);
    polled = () -> now = now.plus(Duration.ofSeconds(2));
    flush();
    assertEquals(List.of(), inbox.pending());
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
  void hooksWithoutAPauseAreHandedOnWhileTheyGoOn() throws Exception {
    write("turn p1\n");
    var over = new AtomicBoolean();
    var told = new AtomicInteger();
    Thread hooks =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    tell(Moment.ACTIVITY, "p1");
                    told.incrementAndGet();
                  }
                });
    try {
      await(() -> counted("event.accepted") > 0);
      assertTrue(hooks.isAlive());
    } finally {
      over.set(true);
      hooks.join();
    }
    tell(Moment.TURN_ENDED, "p1");
    flush();
    assertEquals(told.get() + 1, counted("event.accepted"));
    assertEquals(1, counted("turn.exported"));
  }
}
