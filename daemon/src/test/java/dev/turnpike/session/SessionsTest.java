package dev.turnpike.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.config.Config;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.inbox.InboxLimits;
import dev.turnpike.inbox.Terms;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.FaultyFiles.Fate;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TurnKey;
import dev.turnpike.outbox.History;
import dev.turnpike.outbox.HistoryLimits;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.OutboxLimits;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.HostFacts;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SessionsTest {
  private static final SessionKey SESSION =
      new SessionKey(LineAgent.ID, new SessionId("session-1"));

  @TempDir Path home;
  private final Counters drops = new Counters();
  private final FaultyFiles files = FaultyFiles.faultless();
  private volatile Instant now = Instant.now();
  private int events;
  private Path transcript;
  private Journal journal;
  private Inbox inbox;
  private Outbox outbox;
  private Sessions sessions;

  @BeforeEach
  void start() throws IOException {
    transcript = home.resolve("transcript");
    if (!Files.exists(transcript)) {
      Files.writeString(transcript, "");
    }
    var environment = Map.of("TURNPIKE_HOME", home.toString());
    HostFacts host = HostFacts.current();
    Paths paths = Paths.of(environment, home, Os.current(), host.uid());
    journal = Journal.open(home.resolve("journal"), JournalLimits.STANDARD, () -> now, files);
    outbox =
        Outbox.open(
            home.resolve("outbox"),
            journal,
            History.open(home.resolve("traces"), HistoryLimits.STANDARD, () -> now, drops, files),
            OutboxLimits.STANDARD,
            () -> now,
            new Random(1),
            drops,
            files);
    inbox =
        Inbox.open(
            home.resolve("inbox"),
            home.resolve("spool"),
            journal,
            InboxLimits.STANDARD,
            (caller, variables) -> new Terms.Traced(DestinationId.LOCAL),
            name -> false,
            drops,
            files);
    sessions =
        Sessions.of(
            List.of(new LineAgent(LineAgent.ID), new LineAgent(LineAgent.SECOND)),
            new Sessions.Rooms(journal, inbox, outbox, Config.of(paths, environment)),
            new Sessions.Place(host, home, running()));
    inbox.listen(sessions::arrived);
    sessions.start();
  }

  @AfterEach
  void stop() {
    sessions.close();
    inbox.close();
    journal.close();
  }

  /** From wherever the test has set it the clock goes on: what waits a moment must see it pass. */
  private InstantSource running() {
    long begun = System.nanoTime();
    return () -> now.plusNanos(System.nanoTime() - begun);
  }

  private Event event(Moment moment, String prompt) {
    return event("session-1;" + moment + ";" + prompt + ";" + transcript);
  }

  private Event event(String body) {
    return new Event(
        new EventId("e" + ++events),
        LineAgent.ID,
        now,
        new Caller("/home/dev/shop", 0, "0.1.0", null, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(body.getBytes(UTF_8)));
  }

  private void tell(Moment moment, String prompt) {
    inbox.accept(event(moment, prompt), false).join();
  }

  private void push(Moment moment, String part) {
    inbox.accept(event("session-1;" + moment + ";" + part + ";"), true).join();
  }

  private void write(String rows) throws IOException {
    Files.writeString(transcript, rows, StandardOpenOption.APPEND);
  }

  /** By the inbox's own door, as a flush of the daemon does it. */
  private void flush() throws Exception {
    sessions.flush().get(20, TimeUnit.SECONDS);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
    }
    assertTrue(condition.getAsBoolean());
  }

  private long counted(String reason) {
    return sessions.counters(LineAgent.ID).of(reason);
  }

  private boolean exported(String prompt) {
    return journal.view().exported(new TurnKey(prompt));
  }

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
  void aDeclinedPromptStaysSoWhenTheDiskRefusesTheMark() throws Exception {
    write("turn p1\n");
    tell(Moment.TURN_ENDED, "p1");
    flush();
    files.plan((operation, what, file) -> Fate.FAILS);
    sessions.declined(event(Moment.PROMPT_SUBMITTED, "p2"), () -> {});
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
    sessions.declined(event(Moment.PROMPT_SUBMITTED, "p2"), () -> {});
    tell(Moment.TURN_ENDED, "p1");
    flush();
    assertEquals(1, counted("turn.declined"));
    assertEquals(1, counted("turn.exported"));
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
    sessions.forget(SESSION);
    await(() -> inbox.pending().isEmpty());
    assertFalse(sessions.activeSessions().contains(SESSION));
  }
}
