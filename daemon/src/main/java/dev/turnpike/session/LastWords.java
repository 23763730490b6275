package dev.turnpike.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an agent that ended may have left in the spool. Where its events lie nowhere else, a turn
 * must not be closed as interrupted before they were heard: the end of it may be among them. Owned
 * by one worker.
 */
final class LastWords {
  /** An event is told some milliseconds after it was stored. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final InstantSource clock;
  private @Nullable CompletableFuture<Instant> spoolTaken;

  LastWords(InstantSource clock) {
    this.clock = clock;
  }

  /** The agent lives: whatever it leaves comes later. */
  void notYet() {
    spoolTaken = null;
  }

  /** How long to wait at least for them; empty: all were heard. */
  Optional<Duration> wait(Supplier<CompletableFuture<Instant>> takeSpool) {
    CompletableFuture<Instant> taken = spoolTaken;
    if (taken == null) {
      taken = takeSpool.get();
      spoolTaken = taken;
    }
    if (!taken.isDone()) {
      return Optional.of(LOOK_AGAIN);
    }
    Instant since = taken.getNow(Instant.EPOCH);
    Duration left = GRACE.minus(Duration.between(since, clock.instant()));
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }
}
