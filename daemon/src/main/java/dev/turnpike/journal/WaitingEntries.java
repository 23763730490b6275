package dev.turnpike.journal;

import dev.turnpike.journal.FactJson.Encoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Entries on their way to the journal's thread, in the order in which they were given; bounded, and
 * closed for good at some point. Every entry that was let in gets an answer: from the writer, or
 * from {@link #failAll}.
 */
final class WaitingEntries {
  private static final int LIMIT_ROUND_ENTRIES = 512;
  private static final long LIMIT_ROUND_BYTES = 4L << 20;

  sealed interface Task {}

  /**
   * @param forced done only when it is on the disk
   */
  record Waiting(Encoded record, Fact fact, boolean forced, CompletableFuture<Void> done)
      implements Task {}

  private record Close() implements Task {}

  /** Something was written past the queue that the writer has to look after. */
  private record Look() implements Task {}

  /**
   * What is written at once.
   *
   * @param last nothing will follow
   */
  record Round(List<Waiting> entries, boolean last) {}

  private final LinkedBlockingQueue<Task> queue;
  private final Object gate = new Object();
  private boolean closed;

  /** Let in and not answered yet. */
  private int underWay;

  WaitingEntries(int limit) {
    this.queue = new LinkedBlockingQueue<>(limit);
  }

  /** The future is that of {@code waiting}, or one that has failed already. */
  CompletableFuture<Void> offer(Waiting waiting) {
    synchronized (gate) {
      if (closed) {
        return CompletableFuture.failedFuture(new IOException("the journal is closed"));
      }
      if (!queue.offer(waiting)) {
        return CompletableFuture.failedFuture(
            new IOException("too many entries wait to be written"));
      }
      underWay++;
    }
    return waiting.done();
  }

  /**
   * Whether nothing is on its way to the writer, so that one entry may go past the queue without
   * overtaking another of its caller's. If so, {@link #answered} must be called after it.
   */
  boolean beginPast() {
    synchronized (gate) {
      if (closed || underWay > 0) {
        return false;
      }
      underWay = 1;
      return true;
    }
  }

  /** So many of those that were let in have their answer. */
  void answered(int entries) {
    synchronized (gate) {
      underWay -= entries;
    }
  }

  /** Wakes the writer. A full queue needs no waking. */
  void wake() {
    var _ = queue.offer(new Look());
  }

  /** Waits for something to do. */
  Round take() throws InterruptedException {
    return round(queue.take());
  }

  /** Empty if nothing came in that time. */
  Optional<Round> take(long timeoutNanos) throws InterruptedException {
    @Nullable Task first = queue.poll(timeoutNanos, TimeUnit.NANOSECONDS);
    return first == null ? Optional.empty() : Optional.of(round(first));
  }

  private Round round(Task first) {
    var batch = new ArrayList<Waiting>();
    @Nullable Task next = first;
    long bytes = 0;
    while (next != null) {
      switch (next) {
        case Close() -> {
          return new Round(batch, true);
        }
        case Look() -> {
          // an empty round is enough
        }
        case Waiting waiting -> {
          batch.add(waiting);
          bytes += waiting.record().payload().length;
        }
      }
      if (batch.size() >= LIMIT_ROUND_ENTRIES || bytes >= LIMIT_ROUND_BYTES) {
        break;
      }
      next = queue.poll();
    }
    return new Round(batch, false);
  }

  /** Nothing is let in any more. Whether that is new. */
  boolean refuse() {
    synchronized (gate) {
      boolean first = !closed;
      closed = true;
      return first;
    }
  }

  /** After what is here already, the writer is to end. */
  void end() throws InterruptedException {
    queue.put(new Close());
  }

  void failAll(String why) {
    @Nullable Task left = queue.poll();
    while (left != null) {
      if (left instanceof Waiting waiting) {
        waiting.done().completeExceptionally(new IOException(why));
      }
      left = queue.poll();
    }
  }
}
