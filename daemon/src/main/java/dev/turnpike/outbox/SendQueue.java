package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which batch goes next, in memory. Per destination one batch is in flight; of each session only
 * its first waiting batch may go, so that its turns keep their order; sessions with something just
 * staged go before the backlog. Attempts and delays are not kept over a restart: trying once more
 * is harmless. Safe for all threads: every call is whole, guarded by the queue itself, which nobody
 * outside this room can see.
 */
final class SendQueue {
  private static final Duration ASKED_LEAST_MOST = Duration.ofMinutes(1);

  private final OutboxLimits limits;
  private final RandomGenerator random;
  private final Map<BatchId, Pending> all = new HashMap<>();
  private final Map<DestinationId, Lane> lanes = new LinkedHashMap<>();
  private long places;

  SendQueue(OutboxLimits limits, RandomGenerator random) {
    this.limits = limits;
    this.random = random;
  }

  /**
   * @param live staged by this process just now
   */
  synchronized void add(BatchRef ref, Optional<Instant> live) {
    Instant liveUntil = live.map(at -> at.plus(limits.live())).orElse(Instant.MIN);
    var batch = new Pending(ref, places++, liveUntil);
    if (all.putIfAbsent(ref.id(), batch) == null) {
      backlog(ref.destination()).add(batch);
    }
  }

  synchronized boolean contains(BatchId id) {
    return all.containsKey(id);
  }

  synchronized @Nullable BatchRef ref(BatchId id) {
    Pending batch = all.get(id);
    return batch == null ? null : batch.ref;
  }

  synchronized void remove(BatchId id) {
    Pending batch = all.remove(id);
    if (batch != null) {
      backlog(batch.ref.destination()).remove(batch);
      release(batch);
    }
  }

  /** The parts take the batch's place, but for those that wait already. */
  synchronized void replace(BatchId id, List<BatchRef> by) {
    Pending old = all.remove(id);
    if (old == null) {
      return;
    }
    var parts = new ArrayList<Pending>();
    for (BatchRef ref : by) {
      var part = new Pending(ref, old.place, old.liveUntil);
      if (all.putIfAbsent(ref.id(), part) == null) {
        parts.add(part);
      }
    }
    backlog(old.ref.destination()).replace(old, parts);
    release(old);
  }

  /** Of those destinations only. */
  synchronized Waiting waiting(Predicate<DestinationId> which) {
    Waiting sum = Waiting.NOTHING;
    for (var lane : lanes.entrySet()) {
      Waiting here = lane.getValue().backlog().waiting();
      if (here.batches() > 0 && which.test(lane.getKey())) {
        sum = sum.with(here);
      }
    }
    return sum;
  }

  private void release(Pending batch) {
    lane(batch.ref.destination()).release(batch.ref.id());
  }

  private Lane lane(DestinationId destination) {
    return lanes.computeIfAbsent(destination, d -> new Lane());
  }

  private Backlog backlog(DestinationId destination) {
    return lane(destination).backlog();
  }

  /** The next one to send, now in flight. */
  synchronized Optional<BatchRef> take(DestinationId destination, Instant now) {
    Lane lane = lane(destination);
    if (lane.closed(now)) {
      return Optional.empty();
    }
    lane.open();
    Pending next = lane.backlog().next(now);
    if (next == null) {
      return Optional.empty();
    }
    lane.send(next.ref.id());
    return Optional.of(next.ref);
  }

  /** When there will be something to take; empty if something has to happen first. */
  synchronized Optional<Instant> ripeAt(DestinationId destination) {
    Lane lane = lane(destination);
    return lane.busy()
        ? Optional.empty()
        : lane.backlog().ripeAt().map(at -> at.isAfter(lane.notBefore()) ? at : lane.notBefore());
  }

  /**
   * Out of flight, to be tried again after a full-jitter delay, or when the destination wants it.
   */
  synchronized void delay(BatchId id, String reason, Optional<Duration> notBefore, Instant now) {
    Pending batch = all.get(id);
    if (batch == null) {
      return;
    }
    Lane lane = lane(batch.ref.destination());
    release(batch);
    batch.attempts++;
    int failures = lane.failed(reason);
    batch.notBefore = now.plus(jitter(batch.attempts));
    lane.holdUntil(now.plus(hold(notBefore, jitter(failures))));
  }

  /**
   * What the destination asked for, but one that asks for a second each time and refuses each time
   * is not asked every second for a week.
   */
  private static Duration hold(Optional<Duration> asked, Duration own) {
    Duration least = own.compareTo(ASKED_LEAST_MOST) > 0 ? ASKED_LEAST_MOST : own;
    return asked.map(wait -> wait.compareTo(least) > 0 ? wait : least).orElse(own);
  }

  private Duration jitter(int failures) {
    long most = limits.backoffLast().toMillis();
    int doublings = Math.min(failures - 1, 30);
    long ceiling = Math.min(most, limits.backoffFirst().toMillis() << doublings);
    return Duration.ofMillis(random.nextLong(Math.max(1, ceiling)) + 1);
  }

  /** Out of flight without blame. */
  synchronized void again(BatchId id) {
    Pending batch = all.get(id);
    if (batch != null) {
      release(batch);
      batch.notBefore = Instant.MIN;
    }
  }

  synchronized void park(DestinationId destination, String reason, Instant until) {
    lane(destination).park(reason, until);
  }

  /** Returns of how many traces in a row that destination has refused something for good. */
  synchronized int refused(BatchRef batch) {
    return lane(batch.destination()).refused(batch.trace());
  }

  synchronized boolean unpark(DestinationId destination) {
    Lane lane = lane(destination);
    if (lane.parked().isEmpty()) {
      return false;
    }
    lane.retryNow();
    return true;
  }

  synchronized void retryNow() {
    all.values().forEach(batch -> batch.notBefore = Instant.MIN);
    lanes.values().forEach(Lane::retryNow);
  }

  /**
   * The destination has it: never send it again in this process, even if the journal cannot be
   * told.
   */
  synchronized void delivered(BatchId id) {
    Pending batch = all.get(id);
    if (batch != null) {
      batch.delivered = true;
      release(batch);
      lane(batch.ref.destination()).succeeded();
    }
  }

  /** Only what went first can have arrived. */
  synchronized List<BatchId> deliveredUnrecorded(DestinationId destination) {
    return backlog(destination)
        .heads()
        .filter(head -> head.delivered)
        .map(head -> head.ref.id())
        .toList();
  }

  synchronized void wire(BatchId id, long wireBytes) {
    Pending batch = all.get(id);
    if (batch != null) {
      backlog(batch.ref.destination()).wire(batch, wireBytes);
    }
  }

  synchronized long bytes() {
    long bytes = 0;
    for (Lane lane : lanes.values()) {
      bytes += lane.backlog().waiting().bytes();
    }
    return bytes;
  }

  synchronized int size() {
    return all.size();
  }

  synchronized List<BatchRef> of(SessionKey session) {
    return all.values().stream()
        .map(batch -> batch.ref)
        .filter(ref -> ref.session().equals(session))
        .toList();
  }

  synchronized List<BatchRef> of(DestinationId destination) {
    return backlog(destination).all().map(batch -> batch.ref).toList();
  }

  synchronized List<DestinationId> destinations() {
    return lanes.entrySet().stream()
        .filter(lane -> lane.getValue().backlog().waiting().batches() > 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Of destinations with something that waits, or that have failed since they last took it. */
  synchronized List<OutboxStatus.Queue> status() {
    var queues = new ArrayList<OutboxStatus.Queue>();
    lanes.forEach(
        (destination, lane) -> {
          List<BatchRef> waiting = of(destination);
          if (!waiting.isEmpty() || lane.lastProblem().isPresent()) {
            queues.add(
                new OutboxStatus.Queue(
                    destination,
                    waiting.size(),
                    waiting.stream().mapToLong(BatchRef::bytes).sum(),
                    waiting.stream().map(BatchRef::staged).min(Instant::compareTo),
                    lane.failures(),
                    lane.lastProblem(),
                    lane.parked(),
                    ripeAt(destination)));
          }
        });
    return queues;
  }
}
