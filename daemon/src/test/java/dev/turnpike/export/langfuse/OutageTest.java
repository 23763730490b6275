package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.config.PrivacyPolicy;
import dev.turnpike.export.Account;
import dev.turnpike.export.Delivery;
import dev.turnpike.export.Http;
import dev.turnpike.export.SampleTraces;
import dev.turnpike.export.local.KeptHere;
import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.journal.Step;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import dev.turnpike.outbox.History;
import dev.turnpike.outbox.HistoryLimits;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.OutboxLimits;
import dev.turnpike.outbox.OutboxStatus;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.HostFacts;
import dev.turnpike.privacy.Privacy;
import dev.turnpike.testing.Certificates;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.LangfuseRow;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hours of trouble with a real server over real sockets, on a clock turned by hand: outbox,
 * delivery and exporter as they are. A week of it with hundreds of sessions, without the sockets,
 * is {@code LongOutageTest}.
 */
@Timeout(300)
class OutageTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration BETWEEN_TURNS = Duration.ofMinutes(3);
  private static final int SESSIONS = 25;

  /** Full jitter up to five minutes makes 24 an hour; the way there is steeper. */
  private static final int ATTEMPTS_AN_HOUR = 60;

  @TempDir Path directory;

  private volatile Instant now = Instant.parse("2026-11-21T10:00:00Z");
  private volatile Credentials keys = new Credentials("pk-lf-test", "sk-lf-test");
  private final AtomicReference<Optional<Path>> caFile = new AtomicReference<>(Optional.empty());
  private final Random random = new Random(11);
  private final Counters counters = new Counters();
  private final Map<SessionKey, List<String>> made = new LinkedHashMap<>();
  private FakeLangfuse langfuse = FakeLangfuse.start(Mode.EVENTS_ONLY);
  private Destination destination;
  private Journal journal;
  private Outbox outbox;
  private Delivery delivery;
  private int turns;

  private void start(Duration callLimit) throws IOException {
    destination = Destination.of(langfuse.url(), "pk-lf-test", ExporterChoice.AUTO);
    DurableFiles files = FaultyFiles.unforced();
    journal = Journal.open(directory.resolve("journal"), JournalLimits.STANDARD, () -> now, files);
    var history =
        History.open(
            directory.resolve("traces"), HistoryLimits.STANDARD, () -> now, counters, files);
    outbox =
        Outbox.open(
            directory.resolve("outbox"),
            journal,
            history,
            OutboxLimits.STANDARD,
            () -> now,
            () -> now,
            random,
            counters,
            files);
    delivery =
        new Delivery(
            outbox,
            id -> new Account.Found.Open(new Account(destination, keys)),
            new LangfuseExporter(
                new Http(Map.of(), caFile::get, () -> now),
                new HostFacts("devbox", "linux", "dev", 1000),
                "0.1.0",
                () -> now,
                callLimit),
            new KeptHere(),
            () -> now,
            counters);
    delivery.start();
  }

  @AfterEach
  void stop() {
    delivery.close();
    journal.close();
    langfuse.close();
  }

  private Trace makeTurn(int n) throws IOException {
    var session = new SessionKey(SampleTraces.AGENT, new SessionId("session-" + n));
    Trace trace = SampleTraces.turn("turn-" + turns++);
    List<BatchRef> refs =
        outbox.stage(Privacy.seal(trace, PrivacyPolicy.defaults()), destination.id(), session);
    journal.commitNow(new Entry.StepTaken(new Step(session, now, Set.of(), "{}", refs, Set.of())));
    outbox.queued(refs);
    made.computeIfAbsent(session, any -> new ArrayList<>()).add(trace.id().hex());
    return trace;
  }

  /** Everything that falls due until then is tried, attempt by attempt. */
  private void turnClockTo(Instant until) throws InterruptedException {
    while (true) {
      assertTrue(delivery.awaitQuiet(SOON), () -> outbox.status().toString());
      Optional<Instant> ripe = outbox.ripeAt(destination.id()).filter(at -> !at.isAfter(until));
      if (ripe.isEmpty()) {
        now = until;
        return;
      }
      now = ripe.get().isAfter(now) ? ripe.get() : now;
      delivery.wake(destination.id());
    }
  }

  private void work(Duration time) throws IOException, InterruptedException {
    for (Instant end = now.plus(time); now.isBefore(end); ) {
      makeTurn(random.nextInt(SESSIONS));
      turnClockTo(now.plus(BETWEEN_TURNS));
    }
  }

  private long failed() {
    return counters.of("export.attempts_failed") + counters.of("export.unauthorized");
  }

  private void assertUnhurried(Duration time, long attempts) {
    long most = ATTEMPTS_AN_HOUR * time.toHours();
    assertTrue(attempts <= most, attempts + " failed attempts in " + time);
    assertTrue(attempts >= time.toHours(), attempts + " failed attempts in " + time);
    // each attempt asks for the server's version at most, and sends
    assertTrue(langfuse.connectionsEver() <= 2 * (attempts + turns) + 2, "connections");
    assertEquals(1, delivery.destinationsAtWork());
  }

  /** The trouble is over: what is going on now goes first, then all the rest, once and in order. */
  private void assertDrains(boolean answersWereLost) throws IOException, InterruptedException {
    langfuse.faults();
    int before = distinctTraces().size();
    OutboxStatus.Queue queue = outbox.status().queues().getFirst();
    assertTrue(queue.batches() > 2, queue::toString);
    outbox
        .ripeAt(destination.id())
        .filter(at -> at.isAfter(now))
        .ifPresent(at -> now = at.minusMillis(1));
    String live = makeTurn(SESSIONS).id().hex();
    turnClockTo(now.plus(Duration.ofHours(1)));
    assertEquals(0, outbox.status().batches(), () -> outbox.status().toString());
    assertEquals(0, outbox.status().deadLetters().size());
    List<String> arrived = distinctTraces();
    assertTrue(
        arrived.subList(before, Math.min(arrived.size(), before + 2)).contains(live),
        "a live turn does not wait for the backlog");
    for (List<String> traces : made.values()) {
      var inOrder = new ArrayList<>(arrived);
      inOrder.retainAll(traces);
      assertEquals(traces, inOrder);
    }
    assertEquals(turns, arrived.size());
    assertEquals(0, langfuse.divergentDuplicates());
    if (!answersWereLost) {
      langfuse.assertClean();
    }
  }

  private List<String> distinctTraces() {
    var traces = new LinkedHashSet<String>();
    langfuse.rows().stream().map(LangfuseRow::traceId).forEach(traces::add);
    return new ArrayList<>(traces);
  }

  private void trouble(Duration time, Fault... faults) throws IOException, InterruptedException {
    langfuse.faults(faults);
    work(time);
    assertUnhurried(time, failed());
  }

  @Test
  void nobodyListens() throws Exception {
    start(SOON);
    langfuse.down();
    trouble(Duration.ofHours(8));
    langfuse.up();
    assertDrains(false);
  }

  @Test
  void aServerThatComesAndGoes() throws Exception {
    start(SOON);
    for (int i = 0; i < 6; i++) {
      langfuse.down();
      work(Duration.ofMinutes(40));
      langfuse.up();
      work(Duration.ofMinutes(20));
    }
    langfuse.down();
    work(Duration.ofMinutes(30));
    langfuse.up();
    assertTrue(failed() < 6 * ATTEMPTS_AN_HOUR, failed() + " failed attempts");
    assertDrains(false);
  }

  @Test
  void aStormOfRateLimits() throws Exception {
    start(SOON);
    trouble(
        Duration.ofHours(8),
        Fault.status(429).retryAfter(61).every(5),
        Fault.status(429).retryAfter("Fri, 31 Dec 9999 23:59:59 GMT").every(4),
        Fault.status(429).retryAfter(0).every(3),
        Fault.status(429).retryAfter("99999999999999999999").every(2),
        Fault.status(429).retryAfter(1));
    assertDrains(false);
  }

  @Test
  void errorsByRate() throws Exception {
    start(SOON);
    langfuse.faults(Fault.status(500).every(3));
    work(Duration.ofHours(8));
    assertTrue(failed() > 10 && failed() < turns, failed() + " of " + turns);
    langfuse.down();
    work(Duration.ofMinutes(30));
    langfuse.up();
    assertDrains(false);
  }

  @Test
  void everythingAnswers503AndSaysSomethingAbsurd() throws Exception {
    start(SOON);
    trouble(Duration.ofHours(8), Fault.status(503).retryAfter("99999999999999999999").onPath(".*"));
    assertDrains(false);
  }

  @Test
  void noAnswerAtAll() throws Exception {
    start(Duration.ofMillis(100));
    trouble(Duration.ofHours(1), Fault.hang());
    assertDrains(false);
  }

  @Test
  void answersThatComeTooLate() throws Exception {
    start(Duration.ofMillis(100));
    trouble(Duration.ofHours(1), Fault.delay(Duration.ofMillis(400)));
    assertDrains(true);
  }

  @Test
  void resetsWhileTheRequestIsRead() throws Exception {
    start(SOON);
    trouble(Duration.ofHours(8), Fault.resetDuringRequest(200));
    assertDrains(false);
  }

  @Test
  void answersThatAreLost() throws Exception {
    start(SOON);
    trouble(Duration.ofHours(8), Fault.dropAnswer().stored());
    assertDrains(true);
  }

  @Test
  void resetsInTheMiddleOfTheAnswer() throws Exception {
    start(SOON);
    langfuse.faults(Fault.resetDuringAnswer());
    work(Duration.ofHours(2)); // the status was there: it counts
    langfuse.down();
    work(Duration.ofMinutes(30));
    langfuse.up();
    assertDrains(false);
  }

  @Test
  void hangingUpAtOnce() throws Exception {
    start(SOON);
    trouble(Duration.ofHours(8), Fault.closeOnAccept());
    assertDrains(false);
  }

  @Test
  void wrongKeysForADay() throws Exception {
    start(SOON);
    keys = new Credentials("pk-lf-test", "sk-lf-old");
    Duration day = Duration.ofDays(1);
    work(day);
    long off = failed() - day.dividedBy(Duration.ofMinutes(15));
    assertTrue(Math.abs(off) <= 2, failed() + " attempts in a day");
    assertTrue(
        outbox.status().queues().getFirst().parked().orElseThrow().contains("refuses the keys"));
    keys = new Credentials("pk-lf-test", "sk-lf-test");
    assertDrains(false);
  }

  @Test
  void anAuthorityThatIsNamedAfterSomeHours() throws Exception {
    var certificates = Certificates.in(directory);
    langfuse.close();
    langfuse = FakeLangfuse.startTls(Mode.EVENTS_ONLY, certificates.good());
    start(SOON);
    trouble(Duration.ofHours(4));
    assertEquals(0, langfuse.requests().size());
    assertTrue(
        outbox
            .status()
            .queues()
            .getFirst()
            .lastProblem()
            .orElseThrow()
            .contains("TURNPIKE_CA_FILE"));
    caFile.set(Optional.of(certificates.authority()));
    assertDrains(false);
  }
}
