package dev.turnpike.gateway.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent, the oldest first, and what was given up.
 *
 * @param unlisted batches and dead letters beyond the listed ones
 */
public record OutboxReport(List<Waiting> waiting, List<DeadLetter> deadLetters, long unlisted)
    implements Report {
  public OutboxReport {
    waiting = List.copyOf(waiting);
    deadLetters = List.copyOf(deadLetters);
  }

  /**
   * @param state {@code ready}, {@code sending}, {@code delayed} or {@code parked}
   * @param reason of the delay or the parking
   */
  public record Waiting(
      String batch,
      String destination,
      String session,
      String trace,
      int spans,
      long bytes,
      Instant staged,
      int attempts,
      String state,
      @Nullable Instant nextAttempt,
      @Nullable String reason) {}

  /** A batch the server refused for good. It stays on disk until it is retried or forgotten. */
  public record DeadLetter(
      String batch,
      String destination,
      String session,
      String trace,
      int spans,
      long bytes,
      @Nullable Instant buried,
      String reason) {}
}
