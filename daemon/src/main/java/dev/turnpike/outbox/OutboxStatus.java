package dev.turnpike.outbox;

import dev.turnpike.journal.Buried;
import dev.turnpike.model.DestinationId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The outbox in numbers, for {@code status}. */
public record OutboxStatus(
    int batches,
    long bytes,
    int limitBatches,
    long limitBytes,
    List<Queue> queues,
    List<Buried> deadLetters) {
  public OutboxStatus {
    queues = List.copyOf(queues);
    deadLetters = List.copyOf(deadLetters);
  }

  /** Nothing more is staged. */
  public boolean full() {
    return batches >= limitBatches || bytes >= limitBytes;
  }

  /**
   * One destination's queue.
   *
   * @param parked why nothing is sent for a longer time or until the credentials change, if so
   * @param ripeAt when the next attempt is due, by the wall clock; empty if there is nothing to
   *     send
   */
  public record Queue(
      DestinationId destination,
      int batches,
      long bytes,
      Optional<Instant> oldest,
      int failures,
      Optional<String> lastProblem,
      Optional<String> parked,
      Optional<Instant> ripeAt) {
    /** As a wall clock shows it that is so far ahead of the ticks. */
    Queue shownBy(Duration ahead) {
      Optional<Instant> shown =
          ripeAt.map(at -> at.equals(Instant.MIN) ? Instant.EPOCH : at.plus(ahead));
      return new Queue(destination, batches, bytes, oldest, failures, lastProblem, parked, shown);
    }
  }
}
