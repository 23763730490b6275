package dev.turnpike.outbox;

import java.time.Duration;

/**
 * The outbox's limits.
 *
 * @param queueBytes bodies and pinned wire bytes of pending batches; beyond it staging is refused
 * @param spansPerBatch and {@code estimatedBytes}: when a trace is split
 * @param deadLetters and {@code deadLetterBytes}: beyond them the oldest dead letter is dropped and
 *     counted
 * @param live a batch staged this recently, by this process, goes before the backlog
 */
public record OutboxLimits(
    long queueBytes,
    int spansPerBatch,
    long estimatedBytes,
    int deadLetters,
    long deadLetterBytes,
    Duration backoffFirst,
    Duration backoffLast,
    Duration live) {
  private static final long MIB = 1024 * 1024;

  /**
   * More small batches than these would not fit the daemon's memory, however few bytes they are.
   */
  public static final int QUEUE_BATCHES = 50_000;

  public static final OutboxLimits STANDARD =
      new OutboxLimits(
          512 * MIB,
          200,
          3 * MIB / 2,
          1000,
          64 * MIB,
          Duration.ofSeconds(1),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1));

  /** These limits, with another one for what may wait. */
  public OutboxLimits within(long bytes) {
    return new OutboxLimits(
        bytes,
        spansPerBatch,
        estimatedBytes,
        deadLetters,
        deadLetterBytes,
        backoffFirst,
        backoffLast,
        live);
  }
}
