package dev.turnpike.platform;

import java.time.Duration;

/**
 * The moments at which a daemon at rest looks at this and that: the same ones for all who look,
 * because to wake up costs a quiet machine more than most looks.
 */
public final class Beat {
  private static final long BEGUN = System.nanoTime();

  private Beat() {}

  /**
   * How long it is until the next whole multiple of {@code every} since this process began; never
   * nothing.
   *
   * @param every a multiple of what the others have, or a part of it
   */
  public static Duration untilNext(Duration every) {
    return untilNext(every, System.nanoTime() - BEGUN);
  }

  static Duration untilNext(Duration every, long nanosSoFar) {
    return Duration.ofNanos(every.toNanos() - nanosSoFar % every.toNanos());
  }
}
