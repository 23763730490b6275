package dev.turnpike.daemon;

import dev.turnpike.platform.Beat;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Gives back what a burst of work leaves in the heap. The JVM collects only when it needs room: a
 * quiet daemon would keep the size of its busiest hour for ever. So a quiet daemon whose heap has
 * grown collects; the flags in {@code bin/turnpike} have the JVM return what is free then.
 */
final class SpareHeap implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(20);

  /** What a daemon without work allocates between two looks, status questions included. */
  static final long QUIET_BYTES = 512 << 10;

  /**
   * Growth that is worth it: some ten milliseconds, four times, in which the daemon stands still.
   */
  static final long SPARE_BYTES = 2 << 20;

  private static final int COLLECTIONS = 4;

  /** The heap it looks after. */
  interface Heap {
    long usedBytes();

    /** What the system has given for it. */
    long committedBytes();

    void collect();

    /** Whether garbage was collected since this was asked last. */
    boolean wasCollected();

    /** This process's. */
    static Heap own() {
      Runtime runtime = Runtime.getRuntime();
      return new Heap() {
        // of something that the next collection takes
        private WeakReference<Object> canary = new WeakReference<>(new Object());

        @Override
        public long usedBytes() {
          return runtime.totalMemory() - runtime.freeMemory();
        }

        @Override
        public long committedBytes() {
          return runtime.totalMemory();
        }

        @Override
        public void collect() {
          // It gives back nothing the first time and all of it the fourth, so that a daemon under
          // load keeps what it needs again at once. What is alive is little.
          for (int i = 0; i < COLLECTIONS; i++) {
            runtime.gc();
          }
        }

        @Override
        public boolean wasCollected() {
          boolean gone = canary.refersTo(null);
          canary = new WeakReference<>(new Object());
          return gone;
        }
      };
    }
  }

  private final Heap heap;
  private final CountDownLatch closed = new CountDownLatch(1);
  private long used;
  private long least;

  SpareHeap(Heap heap) {
    this.heap = heap;
    this.used = heap.usedBytes();
    this.least = heap.committedBytes();
  }

  SpareHeap begin() {
    var _ = Thread.ofVirtual().name("spare-heap").start(this::watch);
    return this;
  }

  /** One look. Without a collection between two of them, what was allocated is their difference. */
  void look() {
    long now = heap.usedBytes();
    boolean quiet = !heap.wasCollected() && Math.abs(now - used) < QUIET_BYTES;
    if (quiet && heap.committedBytes() >= least + SPARE_BYTES) {
      heap.collect();
      least = heap.committedBytes();
      now = heap.usedBytes();
    }
    used = now;
  }

  private void watch() {
    try {
      while (!closed.await(Beat.untilNext(EVERY).toNanos(), TimeUnit.NANOSECONDS)) {
        look();
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
