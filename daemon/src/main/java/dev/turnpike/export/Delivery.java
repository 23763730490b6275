package dev.turnpike.export;

import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.platform.Counters;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings batches to their destinations: one virtual thread for each that has work, one batch on its
 * way at a time, in the outbox's order and at the outbox's pace. A destination without batches has
 * no thread and no timer.
 *
 * <p>The lock guards who works and who rests; it is never held while the outbox or an exporter is
 * called, because the outbox may call {@link #wake} while it holds a lock of its own.
 */
public final class Delivery implements AutoCloseable {
  private static final Duration STOP_GENTLY = Duration.ofMillis(1200);
  private static final Duration STOP_AT_LAST = Duration.ofMillis(600);

  private final DeliveryQueue queue;
  private final Exporter exporter;
  private final Attempt attempt;
  private final InstantSource clock;
  private final Counters counters;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<DestinationId, DeliveryWorker> workers = new HashMap<>();
  private boolean stopping;

  public Delivery(
      Outbox outbox,
      Account.Lookup accounts,
      Exporter exporter,
      LocalSink local,
      InstantSource clock,
      Counters counters) {
    this(DeliveryQueue.of(outbox), accounts, exporter, local, clock, counters);
  }

  Delivery(
      DeliveryQueue queue,
      Account.Lookup accounts,
      Exporter exporter,
      LocalSink local,
      InstantSource clock,
      Counters counters) {
    this.queue = queue;
    this.exporter = exporter;
    this.attempt = new Attempt(queue, accounts, exporter, local);
    this.clock = clock;
    this.counters = counters;
  }

  /** Listens to the outbox and takes up what was left from before. */
  public void start() {
    queue.listen(this::wake);
    wake();
  }

  /** Has every destination with batches look whether one is ripe. */
  public void wake() {
    queue.destinations().forEach(this::wake);
  }

  /** Cheap; from any thread. */
  public void wake(DestinationId destination) {
    lock.lock();
    try {
      if (stopping) {
        return;
      }
      DeliveryWorker worker = workers.get(destination);
      if (worker == null) {
        worker = new DeliveryWorker(destination, this, queue, attempt, clock, counters);
        workers.put(destination, worker);
        worker.begin();
      } else {
        worker.nudge();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until nothing is on its way and nothing is ripe: everything was sent, or waits for its
   * next attempt. False if that did not come about in time.
   */
  public boolean awaitQuiet(Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while (!workers.values().stream().allMatch(DeliveryWorker::resting)) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** How many destinations have a thread at work or waiting for the next attempt. */
  public int destinationsAtWork() {
    lock.lock();
    try {
      return workers.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Within two seconds: what is on its way may end by itself, then it is broken off. Its bytes are
   * kept, so nothing is lost.
   */
  @Override
  public void close() {
    List<DeliveryWorker> late;
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
      awaitNobody(STOP_GENTLY);
    } finally {
      lock.unlock();
    }
    exporter.close();
    lock.lock();
    try {
      awaitNobody(STOP_AT_LAST);
      late = List.copyOf(workers.values());
    } finally {
      lock.unlock();
    }
    late.forEach(DeliveryWorker::interrupt);
  }

  private void awaitNobody(Duration limit) {
    long left = limit.toNanos();
    try {
      while (!workers.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean stopping() {
    lock.lock();
    try {
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  /**
   * False if the worker was nudged in the meantime and has to look again; true: it is forgotten and
   * must end.
   */
  boolean release(DeliveryWorker worker) {
    lock.lock();
    try {
      if (worker.takeNudge() && !stopping) {
        return false;
      }
      workers.remove(worker.destination());
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** For a worker that ends in any other way. */
  void abandon(DeliveryWorker worker) {
    lock.lock();
    try {
      workers.remove(worker.destination(), worker);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sleeps until the time is over, the worker is nudged or everything stops. */
  void rest(DeliveryWorker worker, Duration time) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(time.toMillis());
    lock.lockInterruptibly();
    try {
      worker.resting(true);
      changed.signalAll();
      while (left > 0 && !stopping && !worker.takeNudge()) {
        left = changed.awaitNanos(left);
      }
    } finally {
      worker.resting(false);
      lock.unlock();
    }
  }
}
