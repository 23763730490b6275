package dev.turnpike.outbox;

import java.time.Duration;

/**
 * The outbox's limits.
 *
 * @param queueBytes bodies and pinned wire bytes of pending batches; beyond it staging is refused
 * @param queueBatches the same by their number: more small ones would not fit the daemon's memory,
 *     however few bytes they are
 * @param spansPerBatch and {@code estimatedBytes}: when a trace is split
 * @param deadLetters and {@code deadLetterBytes}: beyond them the oldest dead letter is dropped and
 *     counted
 * @param live a batch staged this recently, by this process, goes before the backlog
 */
public record OutboxLimits(
    long queueBytes,
    int queueBatches,
    int spansPerBatch,
    long estimatedBytes,
    int deadLetters,
    long deadLetterBytes,
    Duration backoffFirst,
    Duration backoffLast,
    Duration live) {
  private static final long MIB = 1024 * 1024;

  public static final OutboxLimits STANDARD =
      new OutboxLimits(
          512 * MIB,
          50_000,
          200,
          3 * MIB / 2,
          1000,
          64 * MIB,
          Duration.ofSeconds(1),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1));

  /** These limits, with another one for the bytes that may wait. */
  public OutboxLimits within(long bytes) {
    return new OutboxLimits(
        bytes,
        queueBatches,
        spansPerBatch,
        estimatedBytes,
        deadLetters,
        deadLetterBytes,
        backoffFirst,
        backoffLast,
        live);
  }
}
