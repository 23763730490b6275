package dev.turnpike.session;

import dev.turnpike.outbox.OutboxFull;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** How often work has failed in a row, and when it is worth trying again. Owned by one worker. */
final class Setbacks {
  private static final Duration RETRY_FIRST = Duration.ofSeconds(1);
  private static final Duration RETRY_LAST = Duration.ofMinutes(1);

  private final LongSupplier queuedBytes;
  private int inARow;

  /** How much waited to be sent when the outbox had no room for our last step. */
  private OptionalLong fullWith = OptionalLong.empty();

  /**
   * @param queuedBytes how much waits to be sent now
   */
  Setbacks(LongSupplier queuedBytes) {
    this.queuedBytes = queuedBytes;
  }

  void failed(Throwable e) {
    inARow++;
    fullWith =
        e instanceof OutboxFull ? OptionalLong.of(queuedBytes.getAsLong()) : OptionalLong.empty();
  }

  /** Reading and masking it all again would only come to the same end; that counts as one more. */
  boolean stillFull() {
    boolean full = fullWith.isPresent() && queuedBytes.getAsLong() >= fullWith.getAsLong();
    inARow += full ? 1 : 0;
    return full;
  }

  void none() {
    inARow = 0;
    fullWith = OptionalLong.empty();
  }

  int inARow() {
    return inARow;
  }

  /** How long to wait before the next try; empty if the last one went well. */
  Optional<Duration> retry() {
    if (inARow == 0) {
      return Optional.empty();
    }
    Duration backoff = RETRY_FIRST.multipliedBy(1L << Math.min(inARow - 1, 10));
    return Optional.of(backoff.compareTo(RETRY_LAST) < 0 ? backoff : RETRY_LAST);
  }
}
