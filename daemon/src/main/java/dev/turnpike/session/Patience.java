package dev.turnpike.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * When to look again after a hint that something ended. Rows of an ended turn come within about 100
 * ms (Claude Code 2.1.329), seconds under load; after the last look the sweep takes over. Owned by
 * one worker.
 */
final class Patience {
  private static final long[] LOOKS_MILLIS = {25, 75, 175, 375, 775, 1575, 3175, 5000};

  private final InstantSource clock;
  private Instant announced = Instant.EPOCH;

  Patience(InstantSource clock) {
    this.clock = clock;
  }

  /** The agent said that something ended. */
  void begin() {
    announced = clock.instant();
  }

  /**
   * How long until the next look; empty when announced rows are not worth one of their own any
   * more.
   */
  Optional<Duration> next() {
    long since = Duration.between(announced, clock.instant()).toMillis();
    for (long at : LOOKS_MILLIS) {
      if (at > since) {
        return Optional.of(Duration.ofMillis(at - since));
      }
    }
    return Optional.empty();
  }
}
