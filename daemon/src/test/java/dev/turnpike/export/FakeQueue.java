package dev.turnpike.export;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The outbox in a few lines: one queue a destination, no disk, retries at once unless told
 * otherwise.
 */
final class FakeQueue implements DeliveryQueue {
  final List<SendResult> results = new CopyOnWriteArrayList<>();
  private final Map<BatchId, Batch> waiting = new LinkedHashMap<>();
  private final Map<BatchId, byte[]> wires = new HashMap<>();
  private final Map<DestinationId, Instant> notBefore = new HashMap<>();
  private final List<BatchId> accepted = new CopyOnWriteArrayList<>();
  private Consumer<DestinationId> wake = id -> {};
  private int pinFailures;
  private int recordFailures;
  private Duration retryDelay = Duration.ZERO;

  synchronized void failToPin(int times) {
    pinFailures = times;
  }

  synchronized void failToRecord(int times) {
    recordFailures = times;
  }

  synchronized void retryAfter(Duration delay) {
    retryDelay = delay;
  }

  synchronized List<BatchId> accepted() {
    return List.copyOf(accepted);
  }

  void put(Batch batch) {
    Consumer<DestinationId> listener;
    synchronized (this) {
      waiting.put(batch.id(), batch);
      listener = wake;
    }
    listener.accept(batch.destination());
  }

  void unpark(DestinationId destination) {
    Consumer<DestinationId> listener;
    synchronized (this) {
      notBefore.remove(destination);
      listener = wake;
    }
    listener.accept(destination);
  }

  synchronized void awaitResults(int count) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (results.size() < count) {
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      assertTrue(left > 0, "results: " + results);
      wait(left);
    }
  }

  @Override
  public synchronized List<DestinationId> destinations() {
    return waiting.values().stream().map(batch -> batch.destination()).distinct().toList();
  }

  @Override
  public synchronized void listen(Consumer<DestinationId> listener) {
    wake = listener;
  }

  @Override
  public synchronized Optional<Batch> next(DestinationId destination, Instant now) {
    return ripeAt(destination).filter(ripe -> !ripe.isAfter(now)).isEmpty()
        ? Optional.empty()
        : waiting.values().stream()
            .filter(batch -> batch.destination().equals(destination))
            .findFirst();
  }

  @Override
  public synchronized Optional<Instant> ripeAt(DestinationId destination) {
    return destinations().contains(destination)
        ? Optional.of(notBefore.getOrDefault(destination, Instant.EPOCH))
        : Optional.empty();
  }

  @Override
  public synchronized Optional<byte[]> wire(Batch batch) {
    return Optional.ofNullable(wires.get(batch.id()));
  }

  @Override
  public synchronized void pinWire(Batch batch, byte[] bytes) throws IOException {
    if (pinFailures-- > 0) {
      throw new IOException("disk full");
    }
    wires.put(batch.id(), bytes);
  }

  @Override
  public synchronized void record(Batch batch, SendResult result) throws IOException {
    if (recordFailures-- > 0) {
      throw new IOException("disk full");
    }
    switch (result) {
      case SendResult.Accepted() -> {
        waiting.remove(batch.id());
        accepted.add(batch.id());
      }
      case SendResult.Refused _, SendResult.TooLarge _, SendResult.PartlyAccepted _ ->
          waiting.remove(batch.id());
      case SendResult.RetryLater _ ->
          notBefore.put(batch.destination(), Instant.now().plus(retryDelay));
      case SendResult.Unauthorized(_, var recheck) ->
          notBefore.put(batch.destination(), Instant.now().plus(recheck));
      case SendResult.Withheld(_, var recheck) ->
          notBefore.put(batch.destination(), Instant.now().plus(recheck));
      case SendResult.Withdrawn _ -> waiting.remove(batch.id());
      case SendResult.OtherPath _ -> wires.remove(batch.id());
    }
    results.add(result);
    notifyAll();
  }
}
