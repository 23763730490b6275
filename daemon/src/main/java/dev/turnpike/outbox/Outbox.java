package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.platform.Counters;
import dev.turnpike.privacy.SealedTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Skeleton of the signatures. */
public final class Outbox {
  private Outbox() {}

  public static Outbox open(
      Path directory,
      Journal journal,
      History history,
      OutboxLimits limits,
      InstantSource clock,
      RandomGenerator random,
      Counters counters,
      DurableFiles files)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes the bodies; nothing is true until a step names the refs. Never remove a staged body
   * because a commit failed: the step may be found true after a restart. Staging the same trace
   * again gives the same refs.
   *
   * @throws OutboxFull nothing was staged, try again later
   */
  public List<BatchRef> stage(SealedTrace trace, DestinationId destination, SessionKey session)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** After the step that names them was committed: they may be sent. */
  public void queued(List<BatchRef> batches) {
    throw new UnsupportedOperationException();
  }

  /**
   * Called, quickly and from any thread, when a destination may have something to send earlier than
   * it last seemed.
   */
  public void listen(Consumer<DestinationId> wake) {
    throw new UnsupportedOperationException();
  }

  /**
   * The next batch to send, now in flight: exactly one of the results must follow. Empty if none is
   * ripe or one is in flight.
   */
  public Optional<Batch> next(DestinationId destination, Instant now) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** When {@link #next} is worth asking again; empty: not before {@link #listen} says so. */
  public Optional<Instant> ripeAt(DestinationId destination) {
    throw new UnsupportedOperationException();
  }

  public Batch load(BatchRef batch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The bytes of the first attempt, if there was one. */
  public Optional<byte[]> wire(BatchRef batch) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void pinWire(BatchRef batch, byte[] bytes) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void unpinWire(BatchRef batch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Does what a result asks for: the one call a delivery loop needs. */
  public void record(BatchRef batch, SendResult result) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void settle(BatchId batch) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void settleExcept(BatchId batch, List<Rejection> rejections) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void delay(BatchId batch, String reason, Optional<Duration> notBefore) {
    throw new UnsupportedOperationException();
  }

  /** Split in halves; a single span is cut, at last buried. */
  public void replace(BatchId batch, String reason) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void bury(BatchId batch, String reason) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void revive(BatchId batch) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void park(DestinationId destination, String reason, Duration recheck) {
    throw new UnsupportedOperationException();
  }

  public void unpark(DestinationId destination) {
    throw new UnsupportedOperationException();
  }

  /** Forgets delays and parking of all destinations, so that everything is tried now. */
  public void retryNow() {
    throw new UnsupportedOperationException();
  }

  /** Queues traces that were only kept here for {@code destination}. Returns how many batches. */
  public int requeue(String traceIdPrefix, DestinationId destination) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Those with pending batches. */
  public List<DestinationId> destinations() {
    throw new UnsupportedOperationException();
  }

  public OutboxStatus status() {
    throw new UnsupportedOperationException();
  }
}
