package dev.turnpike.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;
import dev.turnpike.platform.Counters;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Destination DESTINATION =
      Destination.of("http://127.0.0.1:1", "pk-lf-a", ExporterChoice.AUTO);
  private static final Account ACCOUNT =
      new Account(DESTINATION, new Credentials("pk-lf-a", "sk-lf-a"));

  private final FakeQueue queue = new FakeQueue();
  private final FakeExporter exporter = new FakeExporter();
  private final Map<DestinationId, Account> accounts =
      new ConcurrentHashMap<>(Map.of(DESTINATION.id(), ACCOUNT));
  private final Counters counters = new Counters();
  private final Delivery delivery =
      new Delivery(
          queue,
          id -> Account.Found.of(Optional.ofNullable(accounts.get(id))),
          exporter,
          batch -> new SendResult.Accepted(),
          InstantSource.system(),
          counters);

  @AfterEach
  void stop() {
    delivery.close();
  }

  @Test
  void batchesGoOutInOrderAndNothingStaysBehind() throws Exception {
    for (String key : List.of("a", "b", "c")) {
      queue.put(batch(key));
    }
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(List.of(id("a"), id("b"), id("c")), queue.accepted());
    assertEquals(0, delivery.destinationsAtWork());
    assertEquals(12, counters.of("export.spans_sent"));
  }

  @Test
  void batchQueuedLaterWakesItsDestination() throws Exception {
    delivery.start();
    queue.put(batch("a"));
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(List.of(id("a")), queue.accepted());
  }

  @Test
  void everyAttemptSendsTheBytesOfTheFirst() throws Exception {
    exporter.answers(
        new SendResult.RetryLater("503", Optional.empty()),
        new SendResult.RetryLater("503", Optional.empty()),
        new SendResult.Accepted());
    queue.put(batch("a"));
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(1, exporter.encoded.size());
    assertEquals(3, exporter.sent.size());
    assertArrayEquals(exporter.sent.get(0).body(), exporter.sent.get(2).body());
  }

  @Test
  void bytesOfAnEarlierProcessAreSentAsTheyAre() throws Exception {
    var pinned = new Wire(WirePath.CLASSIC, false, 3, new byte[] {1, 2, 3});
    queue.put(batch("a"));
    queue.pinWire(batch("a"), pinned.toBytes());
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(List.of(), exporter.encoded);
    assertArrayEquals(pinned.body(), exporter.sent.getFirst().body());
    assertEquals(WirePath.CLASSIC, exporter.sent.getFirst().path());
    assertEquals(3, exporter.sent.getFirst().items());
  }

  @Test
  void bytesThatAreNotOursAreMadeAnew() throws Exception {
    queue.put(batch("a"));
    queue.pinWire(batch("a"), new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9});
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(1, exporter.encoded.size());
  }

  @Test
  void otherPathIsEncodedAgain() throws Exception {
    exporter.answers(new SendResult.OtherPath("classic, please"), new SendResult.Accepted());
    queue.put(batch("a"));
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(2, exporter.encoded.size());
    assertEquals(List.of(id("a")), queue.accepted());
  }

  @Test
  void serverThatWantsNeitherPathIsLeftAlone() throws Exception {
    exporter.always(wire -> new SendResult.OtherPath("no"));
    queue.put(batch("a"));
    queue.retryAfter(Duration.ofHours(1));
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(4, exporter.sent.size());
    assertInstanceOf(SendResult.RetryLater.class, queue.results.getLast());
  }

  @Test
  void missingKeysParkInsteadOfSending() throws Exception {
    accounts.clear();
    queue.put(batch("a"));
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertInstanceOf(SendResult.Unauthorized.class, queue.results.getFirst());
    assertEquals(List.of(), exporter.sent);
  }

  @Test
  void newKeysAreTakenAtTheNextWake() throws Exception {
    accounts.clear();
    queue.put(batch("a"));
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    accounts.put(DESTINATION.id(), ACCOUNT);
    queue.unpark(DESTINATION.id());
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(List.of(id("a")), queue.accepted());
  }

  @Test
  void localBatchesNeedNoExporter() throws Exception {
    queue.put(SampleTraces.batch(SampleTraces.turn("a"), DestinationId.LOCAL));
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertEquals(1, queue.accepted().size());
    assertEquals(List.of(), exporter.encoded);
  }

  @Test
  void bugInTheEncoderDoesNotStopTheOthers() throws Exception {
    exporter.failsToEncode = id("a");
    queue.put(batch("a"));
    queue.put(batch("b"));
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertInstanceOf(SendResult.Refused.class, queue.results.getFirst());
    assertEquals(List.of(id("b")), queue.accepted());
  }

  @Test
  void nothingIsSentWhoseBytesCannotBeKept() throws Exception {
    queue.failToPin(1);
    queue.put(batch("a"));
    delivery.start();
    assertTrue(delivery.awaitQuiet(SOON));
    assertInstanceOf(SendResult.RetryLater.class, queue.results.getFirst());
    assertEquals(1, exporter.sent.size());
    assertEquals(List.of(id("a")), queue.accepted());
  }

  @Test
  void resultThatCannotBeRecordedIsNotForgotten() throws Exception {
    queue.failToRecord(1);
    queue.put(batch("a"));
    delivery.start();
    queue.awaitResults(1);
    assertEquals(1, exporter.sent.size());
    assertEquals(List.of(id("a")), queue.accepted());
  }

  @Test
  void slowDestinationDoesNotHoldUpAnother() throws Exception {
    var other = Destination.of("http://127.0.0.1:2", "pk-lf-b", ExporterChoice.AUTO);
    accounts.put(other.id(), new Account(other, ACCOUNT.credentials()));
    var gate = new CountDownLatch(1);
    exporter.beforeSend =
        destination -> {
          if (destination.equals(DESTINATION)) {
            await(gate);
          }
        };
    queue.put(batch("a"));
    queue.put(SampleTraces.batch(SampleTraces.turn("b"), other.id()));
    delivery.start();
    queue.awaitResults(1);
    assertEquals(List.of(id("b")), queue.accepted());
    gate.countDown();
    assertTrue(delivery.awaitQuiet(SOON));
  }

  @Test
  void stopBreaksOffWhatIsOnItsWay() throws Exception {
    exporter.beforeSend = destination -> await(exporter.closed);
    exporter.always(wire -> new SendResult.RetryLater("broken off: stopping", Optional.empty()));
    queue.put(batch("a"));
    delivery.start();
    exporter.awaitSends(1);
    long before = System.nanoTime();
    delivery.close();
    assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(10));
    assertEquals(0, delivery.destinationsAtWork());
    assertInstanceOf(SendResult.RetryLater.class, queue.results.getFirst());
  }

  @Test
  void afterStopNothingIsWoken() throws Exception {
    delivery.start();
    delivery.close();
    queue.put(batch("a"));
    assertEquals(0, delivery.destinationsAtWork());
    assertEquals(List.of(), exporter.sent);
  }

  private static Batch batch(String key) {
    return SampleTraces.batch(SampleTraces.turn(key), DESTINATION.id());
  }

  private static BatchId id(String key) {
    return batch(key).id();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class FakeExporter implements Exporter {
    final List<BatchId> encoded = new CopyOnWriteArrayList<>();
    final List<Wire> sent = new CopyOnWriteArrayList<>();
    final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch firstSend = new CountDownLatch(1);
    volatile Consumer<Destination> beforeSend = destination -> {};
    volatile BatchId failsToEncode = new BatchId("none");
    private volatile Function<Wire, SendResult> answer = wire -> new SendResult.Accepted();

    void always(Function<Wire, SendResult> what) {
      answer = what;
    }

    void answers(SendResult... results) {
      var left = new ArrayList<>(List.of(results));
      answer = wire -> left.removeFirst();
    }

    void awaitSends(int count) throws InterruptedException {
      assertEquals(1, count);
      assertTrue(firstSend.await(10, TimeUnit.SECONDS));
    }

    @Override
    public Encoded encode(Batch batch, Destination destination) {
      if (batch.id().equals(failsToEncode)) {
        throw new IllegalStateException("bug");
      }
      encoded.add(batch.id());
      return new Encoded.Ready(
          new Wire(WirePath.OTLP, false, 1, new byte[] {(byte) encoded.size()}));
    }

    @Override
    public SendResult send(Wire wire, Destination destination, Credentials credentials) {
      sent.add(wire);
      firstSend.countDown();
      beforeSend.accept(destination);
      return answer.apply(wire);
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
