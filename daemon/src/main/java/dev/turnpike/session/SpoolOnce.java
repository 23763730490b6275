package dev.turnpike.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What hook clients had left is taken over once for all rows that were read together: the hooks of
 * their prompts were sent before, whichever turn waits for them. Owned by one worker.
 */
final class SpoolOnce implements Supplier<CompletableFuture<Instant>> {
  /** An event is told some milliseconds after it was stored. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final Supplier<CompletableFuture<Instant>> takeSpool;
  private @Nullable CompletableFuture<Instant> taken;

  SpoolOnce(Supplier<CompletableFuture<Instant>> takeSpool) {
    this.takeSpool = takeSpool;
  }

  /** Rows were read: hooks of theirs may have come since. */
  void again() {
    taken = null;
  }

  @Override
  public CompletableFuture<Instant> get() {
    CompletableFuture<Instant> known = taken;
    if (known == null) {
      known = takeSpool.get();
      taken = known;
    }
    return known;
  }

  /**
   * How long to wait at least until all that was taken over is told; empty: it is.
   *
   * @param taken when the spool was taken over, as {@link #get} gave it
   */
  static Optional<Duration> untilTold(CompletableFuture<Instant> taken, InstantSource ticks) {
    if (!taken.isDone()) {
      return Optional.of(LOOK_AGAIN);
    }
    Instant since = taken.getNow(Instant.EPOCH);
    Duration left = GRACE.minus(Duration.between(since, ticks.instant()));
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }
}
