package dev.turnpike.outbox;

import dev.turnpike.journal.Buried;
import dev.turnpike.model.DestinationId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The outbox in numbers, for {@code status}. */
public record OutboxStatus(
    int batches, long bytes, long limitBytes, List<Queue> queues, List<Buried> deadLetters) {
  public OutboxStatus {
    queues = List.copyOf(queues);
    deadLetters = List.copyOf(deadLetters);
  }

  /**
   * One destination's queue.
   *
   * @param parked why nothing is sent until the credentials change, if so
   * @param ripeAt when the next attempt is due; empty if there is nothing to send
   */
  public record Queue(
      DestinationId destination,
      int batches,
      long bytes,
      Optional<Instant> oldest,
      int failures,
      Optional<String> lastProblem,
      Optional<String> parked,
      Optional<Instant> ripeAt) {}
}
