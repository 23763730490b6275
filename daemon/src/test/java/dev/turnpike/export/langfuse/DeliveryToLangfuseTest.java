package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.journal.Step;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import dev.turnpike.outbox.History;
import dev.turnpike.outbox.HistoryLimits;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.OutboxLimits;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.HostFacts;
import dev.turnpike.privacy.Privacy;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real outbox, the real delivery and the real exporter against a server that misbehaves. */
class DeliveryToLangfuseTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final SessionKey SESSION = new SessionKey(SampleTraces.AGENT, new SessionId("s1"));

  @TempDir Path directory;

  private final InstantSource clock = InstantSource.system();
  private final Counters counters = new Counters();
  private final FakeLangfuse langfuse = FakeLangfuse.start(Mode.EVENTS_ONLY);
  private final AtomicReference<Credentials> keys =
      new AtomicReference<>(new Credentials("pk-lf-test", "sk-lf-test"));
  private final Destination destination =
      Destination.of(langfuse.url(), "pk-lf-test", ExporterChoice.AUTO);
  private Journal journal;
  private Outbox outbox;
  private Delivery delivery;

  @BeforeEach
  void start() throws IOException {
    journal = Journal.open(directory.resolve("journal"), JournalLimits.STANDARD, clock);
    var history =
        History.open(
            directory.resolve("traces"),
            HistoryLimits.STANDARD,
            clock,
            counters,
            DurableFiles.real());
    outbox =
        Outbox.open(
            directory.resolve("outbox"),
            journal,
            history,
            limits(),
            clock,
            clock,
            new Random(7),
            counters,
            DurableFiles.real());
    var exporter =
        new LangfuseExporter(
            new Http(Map.of(), clock),
            new HostFacts("devbox", "linux", "dev", 1000),
            "0.1.0",
            clock,
            Duration.ofSeconds(1));
    delivery =
        new Delivery(
            outbox,
            id ->
                id.equals(destination.id())
                    ? new Account.Found.Open(new Account(destination, keys.get()))
                    : new Account.Found.NoKeys(),
            exporter,
            new KeptHere(),
            clock,
            counters);
    delivery.start();
  }

  @AfterEach
  void stop() {
    delivery.close();
    journal.close();
    langfuse.close();
  }

  private static OutboxLimits limits() {
    var usual = OutboxLimits.STANDARD;
    return new OutboxLimits(
        usual.queueBytes(),
        usual.queueBatches(),
        usual.spansPerBatch(),
        usual.estimatedBytes(),
        usual.deadLetters(),
        usual.deadLetterBytes(),
        Duration.ofMillis(2),
        Duration.ofMillis(20),
        usual.live());
  }

  private void queue(Trace trace, DestinationId to) throws IOException {
    List<BatchRef> refs = outbox.stage(Privacy.seal(trace, PrivacyPolicy.defaults()), to, SESSION);
    journal.commitNow(
        new Entry.StepTaken(new Step(SESSION, clock.instant(), Set.of(), "{}", refs, Set.of())));
    outbox.queued(refs);
  }

  private void awaitEmpty() throws InterruptedException {
    long until = System.nanoTime() + SOON.toNanos();
    while (!outbox.destinations().isEmpty() || delivery.destinationsAtWork() > 0) {
      assertTrue(System.nanoTime() < until, () -> outbox.status().toString());
      delivery.awaitQuiet(Duration.ofMillis(5));
      Thread.onSpinWait();
    }
  }

  @Test
  void turnArrivesOnceAndNothingStaysQueued() throws Exception {
    queue(SampleTraces.turn("a"), destination.id());
    langfuse.awaitSpans(4, SOON);
    awaitEmpty();
    langfuse.assertClean();
    assertEquals(List.of(), outbox.status().deadLetters());
  }

  @Test
  void troubleOfEveryKindEndsInEachSpanBeingStored() throws Exception {
    langfuse.faults(
        Fault.status(503).times(2),
        Fault.resetDuringRequest(10).times(1),
        Fault.closeOnAccept().times(1),
        Fault.dropAnswer().times(1),
        Fault.status(500).times(1));
    queue(SampleTraces.turn("a"), destination.id());
    queue(SampleTraces.turn("b"), destination.id());
    langfuse.awaitSpans(8, SOON);
    awaitEmpty();
    langfuse.assertClean();
  }

  @Test
  void lostAnswerGivesTheSameRowsAgain() throws Exception {
    langfuse.faults(Fault.dropAnswer().stored().times(1));
    queue(SampleTraces.turn("a"), destination.id());
    langfuse.awaitExports(2, SOON);
    awaitEmpty();
    assertArrayEquals(langfuse.exports().get(0).body(), langfuse.exports().get(1).body());
    assertEquals(4, langfuse.duplicates());
    assertEquals(0, langfuse.divergentDuplicates());
  }

  @Test
  void proxyWithASmallLimitGetsSmallBatches() throws Exception {
    langfuse.limitOtlpBytes(1_200);
    queue(SampleTraces.large("a", 30, 500), destination.id());
    langfuse.awaitSpans(31, SOON);
    awaitEmpty();
    langfuse.assertClean();
    assertEquals(List.of(), outbox.status().deadLetters());
  }

  @Test
  void refusedSpanIsFoundAndBuriedAndTheOthersArrive() throws Exception {
    Trace trace = SampleTraces.turn("a");
    // Whole batch, its first half and the first span alone are refused; the rest passes.
    langfuse.faults(Fault.status(400).times(3));
    queue(trace, destination.id());
    langfuse.awaitSpans(3, SOON);
    awaitEmpty();
    assertEquals(1, outbox.status().deadLetters().size());
    assertEquals(1, outbox.status().deadLetters().getFirst().ref().spans());
  }

  @Test
  void wrongKeysKeepTheQueueUntilTheyAreRight() throws Exception {
    keys.set(new Credentials("pk-lf-test", "sk-lf-old"));
    queue(SampleTraces.turn("a"), destination.id());
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(1, langfuse.exports().size());
    assertTrue(
        outbox.status().queues().getFirst().parked().orElseThrow().contains("Invalid credentials"));
    keys.set(new Credentials("pk-lf-test", "sk-lf-test"));
    outbox.unpark(destination.id());
    langfuse.awaitSpans(4, SOON);
    awaitEmpty();
    langfuse.assertClean();
  }

  @Test
  void oldServerBehindTheSameAddressGetsClassic() throws Exception {
    langfuse.become(Mode.legacy("3.10.0")).hideVersion();
    queue(SampleTraces.turn("a"), destination.id());
    langfuse.awaitSpans(4, SOON);
    awaitEmpty();
    assertEquals("classic", langfuse.rows().getFirst().source());
    langfuse.assertClean();
  }

  @Test
  void withoutKeysTracesStayHere() throws Exception {
    queue(SampleTraces.turn("a"), DestinationId.LOCAL);
    awaitEmpty();
    assertTrue(langfuse.requests().isEmpty());
    assertEquals(4, counters.of("export.spans_sent.local"));
    assertFalse(outbox.destinations().contains(DestinationId.LOCAL));
  }
}
