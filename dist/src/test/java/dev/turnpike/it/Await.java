package dev.turnpike.it;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for conditions outside of this process, which cannot notify us. */
final class Await {
  private static final long LOOK_EVERY_NANOS = 10_000_000;

  interface Condition {
    boolean holds() throws IOException;
  }

  private Await() {}

  static void until(String what, Duration limit, Condition condition) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    try {
      while (!condition.holds()) {
        if (System.nanoTime() > end) {
          throw new AssertionError("waited " + limit + " in vain: " + what);
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
      }
    } catch (IOException e) {
      throw new AssertionError(what, e);
    }
  }
}
