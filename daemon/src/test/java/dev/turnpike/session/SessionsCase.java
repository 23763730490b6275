package dev.turnpike.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.config.Config;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.inbox.InboxLimits;
import dev.turnpike.inbox.Terms;
import dev.turnpike.journal.FaultyFiles;
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
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Sessions over a real journal, inbox and outbox, with a clock and files that the test governs. */
abstract class SessionsCase {
  static final SessionKey SESSION = new SessionKey(LineAgent.ID, new SessionId("session-1"));

  @TempDir Path home;
  final Counters drops = new Counters();
  final FaultyFiles files = FaultyFiles.faultless();
  volatile Instant now = Instant.now();

  /** What happens while the agent's assembler is asked what is finished. */
  volatile Runnable polled = () -> {};

  OutboxLimits limits = OutboxLimits.STANDARD;
  int events;
  Path transcript;
  Journal journal;
  Inbox inbox;
  Outbox outbox;
  Sessions sessions;

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
            limits,
            () -> now,
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
            kept -> kept,
            drops,
            files);
    sessions =
        Sessions.of(
            List.of(
                new LineAgent(LineAgent.ID, () -> polled.run()),
                new LineAgent(LineAgent.SECOND, () -> {})),
            new Sessions.Rooms(journal, inbox, outbox, Config.of(paths, environment)),
            new Sessions.Place(host, home, running(), running()));
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
  InstantSource running() {
    long begun = System.nanoTime();
    return () -> now.plusNanos(System.nanoTime() - begun);
  }

  Event event(Moment moment, String prompt) {
    return event("session-1;" + moment + ";" + prompt + ";" + transcript);
  }

  Event event(String body) {
    return new Event(
        new EventId("e" + ++events),
        LineAgent.ID,
        now,
        new Caller("/home/dev/shop", 0, "0.1.0", null, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(body.getBytes(UTF_8)));
  }

  void tell(Moment moment, String prompt) {
    inbox.accept(event(moment, prompt), false).join();
  }

  void push(Moment moment, String part) {
    inbox.accept(event("session-1;" + moment + ";" + part + ";"), true).join();
  }

  /** A hook call that found no daemon. */
  void spool(String body) throws IOException {
    long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    String head =
        List.of(
                "POST /v1/events/" + LineAgent.ID + " HTTP/1.1",
                "Content-Length: " + body.length(),
                "Turnpike-Protocol: 1",
                "Turnpike-Event-Id: " + nanos + "-4711",
                "Turnpike-Time: " + nanos,
                "Turnpike-Client: 0.1.0")
            .stream()
            .map(line -> line + "\r\n")
            .collect(Collectors.joining());
    Path spool = home.resolve("spool");
    Files.createDirectories(spool);
    Files.writeString(spool.resolve(nanos + "-4711.evt"), head + "\r\n" + body);
  }

  void write(String rows) throws IOException {
    Files.writeString(transcript, rows, StandardOpenOption.APPEND);
  }

  /** By the inbox's own door, as a flush of the daemon does it. */
  void flush() throws Exception {
    sessions.flush().get(20, TimeUnit.SECONDS);
  }

  static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
    }
    assertTrue(condition.getAsBoolean());
  }

  long counted(String reason) {
    return sessions.counters(LineAgent.ID).of(reason);
  }

  boolean exported(String prompt) {
    return journal.view().exported(new TurnKey(prompt));
  }
}
