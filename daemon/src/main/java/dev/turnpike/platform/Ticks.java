package dev.turnpike.platform;

import java.time.InstantSource;

/**
 * The time that waits are measured with: it begins at the wall clock's and then goes on evenly,
 * whatever becomes of the clock. Never written down: it may be far from the wall clock after a
 * correction or a sleep.
 */
public final class Ticks {
  private Ticks() {}

  public static InstantSource from(InstantSource clock) {
    var begin = clock.instant();
    long nanos = System.nanoTime();
    return () -> begin.plusNanos(System.nanoTime() - nanos);
  }
}
