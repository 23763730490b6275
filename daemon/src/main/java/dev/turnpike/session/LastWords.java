package dev.turnpike.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What may still come of an agent that ended: rows of its files, and what it left in the spool.
 * Where its events lie nowhere else, a turn must not be closed as interrupted before they were
 * heard: the end of it may be among them. Owned by one worker.
 */
final class LastWords {
  /** An event is told some milliseconds after it was stored. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final InstantSource ticks;
  private final Moments moments;
  private final Supplier<CompletableFuture<Instant>> takeSpool;
  private final boolean onlyCopy;
  private @Nullable CompletableFuture<Instant> spoolTaken;

  /**
   * @param onlyCopy the agent's events lie nowhere else; otherwise its files tell
   */
  LastWords(
      InstantSource ticks,
      Moments moments,
      Supplier<CompletableFuture<Instant>> takeSpool,
      boolean onlyCopy) {
    this.ticks = ticks;
    this.moments = moments;
    this.takeSpool = takeSpool;
    this.onlyCopy = onlyCopy;
  }

  /**
   * How long to wait at least before the agent counts as gone; empty if there is nothing to wait
   * for.
   *
   * @param gone its process has ended while something was open
   */
  Optional<Duration> wait(boolean gone) {
    if (!gone) {
      spoolTaken = null; // what it leaves comes later
      return Optional.empty();
    }
    return moments.grace().or(() -> onlyCopy ? spool() : Optional.empty());
  }

  private Optional<Duration> spool() {
    CompletableFuture<Instant> taken = spoolTaken;
    if (taken == null) {
      taken = takeSpool.get();
      spoolTaken = taken;
    }
    if (!taken.isDone()) {
      return Optional.of(LOOK_AGAIN);
    }
    Instant since = taken.getNow(Instant.EPOCH);
    Duration left = GRACE.minus(Duration.between(since, ticks.instant()));
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }
}
