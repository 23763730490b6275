package dev.turnpike.daemon;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Ends a daemon that has nothing to do ({@code TURNPIKE_IDLE_EXIT}): the next hook client, or the
 * service manager that holds the socket, starts another.
 */
final class IdleExit implements AutoCloseable {
  private static final Duration LOOK_MOST = Duration.ofSeconds(10);

  private final Duration after;
  private final InstantSource clock;
  private final BooleanSupplier busy;
  private final LongSupplier events;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private long seen = -1;
  private Instant lastWork = Instant.MIN;

  /**
   * @param busy whether a turn is open or something waits
   * @param events how many came so far: a larger number than before is work too
   * @param exit what ends the daemon; must not block
   */
  IdleExit(
      Duration after,
      InstantSource clock,
      BooleanSupplier busy,
      LongSupplier events,
      Runnable exit) {
    this.after = after;
    this.clock = clock;
    this.busy = busy;
    this.events = events;
    this.thread = Thread.ofVirtual().name("idle-exit").unstarted(() -> watch(exit));
  }

  IdleExit begin() {
    thread.start();
    return this;
  }

  /** One look: whether the time without work is up. */
  boolean due() {
    Instant now = clock.instant();
    long events = this.events.getAsLong();
    if (events != seen || busy.getAsBoolean()) {
      seen = events;
      lastWork = now;
      return false;
    }
    return Duration.between(lastWork, now).compareTo(after) >= 0;
  }

  private void watch(Runnable exit) {
    Duration pause = after.compareTo(LOOK_MOST) < 0 ? after : LOOK_MOST;
    try {
      boolean stopped = false;
      while (!stopped && !due()) {
        stopped = closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      }
      if (!stopped) {
        exit.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
