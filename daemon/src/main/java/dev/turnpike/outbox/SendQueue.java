package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  private static final class Item {
    final BatchRef ref;
    final Optional<Instant> liveUntil;
    int attempts;
    Instant notBefore = Instant.MIN;
    long wireBytes;
    boolean delivered;

    Item(BatchRef ref, Optional<Instant> liveUntil) {
      this.ref = ref;
      this.liveUntil = liveUntil;
    }
  }

  private final OutboxLimits limits;
  private final RandomGenerator random;
  private LinkedHashMap<BatchId, Item> items = new LinkedHashMap<>();
  private final Map<DestinationId, Lane> lanes = new LinkedHashMap<>();
  private long bytes;

  SendQueue(OutboxLimits limits, RandomGenerator random) {
    this.limits = limits;
    this.random = random;
  }

  /**
   * @param live staged by this process just now
   */
  synchronized void add(BatchRef ref, Optional<Instant> live) {
    if (items.putIfAbsent(ref.id(), new Item(ref, live.map(at -> at.plus(limits.live()))))
        == null) {
      grow(ref.destination(), 1, ref.bytes());
    }
  }

  synchronized boolean contains(BatchId id) {
    return items.containsKey(id);
  }

  synchronized @Nullable BatchRef ref(BatchId id) {
    Item item = items.get(id);
    return item == null ? null : item.ref;
  }

  synchronized void remove(BatchId id) {
    Item item = items.remove(id);
    if (item != null) {
      grow(item.ref.destination(), -1, -item.ref.bytes() - item.wireBytes);
      release(item);
    }
  }

  /** The parts take the batch's place. */
  synchronized void replace(BatchId id, List<BatchRef> by) {
    Item old = items.get(id);
    if (old == null) {
      return;
    }
    var next = new LinkedHashMap<BatchId, Item>();
    items.forEach(
        (key, item) -> {
          if (item == old) {
            by.forEach(part -> next.put(part.id(), new Item(part, old.liveUntil)));
          } else {
            next.putIfAbsent(key, item);
          }
        });
    items = next;
    grow(old.ref.destination(), -1, -old.ref.bytes() - old.wireBytes);
    by.forEach(part -> grow(part.destination(), 1, part.bytes()));
    release(old);
  }

  private void grow(DestinationId destination, int batches, long by) {
    bytes += by;
    lane(destination).grow(batches, by);
  }

  /** Of those destinations only. */
  synchronized Waiting waiting(Predicate<DestinationId> which) {
    Waiting sum = Waiting.NOTHING;
    for (var lane : lanes.entrySet()) {
      Waiting here = lane.getValue().waiting();
      if (here.batches() > 0 && which.test(lane.getKey())) {
        sum = sum.with(here);
      }
    }
    return sum;
  }

  private void release(Item item) {
    lane(item.ref.destination()).release(item.ref.id());
  }

  private Lane lane(DestinationId destination) {
    return lanes.computeIfAbsent(destination, d -> new Lane());
  }

  /** The next one to send, now in flight. */
  synchronized Optional<BatchRef> take(DestinationId destination, Instant now) {
    Lane lane = lane(destination);
    if (lane.closed(now)) {
      return Optional.empty();
    }
    lane.open();
    Item best = null;
    Set<SessionKey> live = liveSessions(destination, now);
    for (Item head : heads(destination)) {
      if (now.isBefore(head.notBefore) || head.delivered) {
        continue;
      }
      if (live.contains(head.ref.session())) {
        best = head;
        break;
      }
      if (best == null) {
        best = head;
      }
    }
    if (best == null) {
      return Optional.empty();
    }
    lane.send(best.ref.id());
    return Optional.of(best.ref);
  }

  private Set<SessionKey> liveSessions(DestinationId destination, Instant now) {
    var live = new HashSet<SessionKey>();
    for (Item item : items.values()) {
      if (item.ref.destination().equals(destination)
          && item.liveUntil.isPresent()
          && now.isBefore(item.liveUntil.get())) {
        live.add(item.ref.session());
      }
    }
    return live;
  }

  /** The first batch of every session. */
  private List<Item> heads(DestinationId destination) {
    var seen = new HashSet<SessionKey>();
    var heads = new ArrayList<Item>();
    for (Item item : items.values()) {
      if (item.ref.destination().equals(destination) && seen.add(item.ref.session())) {
        heads.add(item);
      }
    }
    return heads;
  }

  /** When there will be something to take; empty if something has to happen first. */
  synchronized Optional<Instant> ripeAt(DestinationId destination) {
    Lane lane = lane(destination);
    if (lane.busy()) {
      return Optional.empty();
    }
    return heads(destination).stream()
        .map(head -> head.notBefore)
        .min(Instant::compareTo)
        .map(at -> at.isAfter(lane.notBefore()) ? at : lane.notBefore());
  }

  /**
   * Out of flight, to be tried again after a full-jitter delay, or when the destination wants it.
   */
  synchronized void delay(BatchId id, String reason, Optional<Duration> notBefore, Instant now) {
    Item item = items.get(id);
    if (item == null) {
      return;
    }
    Lane lane = lane(item.ref.destination());
    release(item);
    item.attempts++;
    int failures = lane.failed(reason);
    item.notBefore = now.plus(jitter(item.attempts));
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
    Item item = items.get(id);
    if (item != null) {
      release(item);
      item.notBefore = Instant.MIN;
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
    items.values().forEach(item -> item.notBefore = Instant.MIN);
    lanes.values().forEach(Lane::retryNow);
  }

  /**
   * The destination has it: never send it again in this process, even if the journal cannot be
   * told.
   */
  synchronized void delivered(BatchId id) {
    Item item = items.get(id);
    if (item != null) {
      item.delivered = true;
      release(item);
      lane(item.ref.destination()).succeeded();
    }
  }

  synchronized List<BatchId> deliveredUnrecorded(DestinationId destination) {
    return items.values().stream()
        .filter(item -> item.delivered && item.ref.destination().equals(destination))
        .map(item -> item.ref.id())
        .toList();
  }

  synchronized void wire(BatchId id, long wireBytes) {
    Item item = items.get(id);
    if (item != null) {
      grow(item.ref.destination(), 0, wireBytes - item.wireBytes);
      item.wireBytes = wireBytes;
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized int size() {
    return items.size();
  }

  synchronized List<BatchRef> of(SessionKey session) {
    return items.values().stream()
        .map(item -> item.ref)
        .filter(ref -> ref.session().equals(session))
        .toList();
  }

  synchronized List<BatchRef> of(DestinationId destination) {
    return items.values().stream()
        .map(item -> item.ref)
        .filter(ref -> ref.destination().equals(destination))
        .toList();
  }

  synchronized List<DestinationId> destinations() {
    return items.values().stream().map(item -> item.ref.destination()).distinct().toList();
  }

  synchronized List<OutboxStatus.Queue> status() {
    var byDestination = new HashMap<DestinationId, List<Item>>();
    items
        .values()
        .forEach(
            item ->
                byDestination
                    .computeIfAbsent(item.ref.destination(), d -> new ArrayList<>())
                    .add(item));
    lanes.forEach(
        (destination, lane) -> {
          if (lane.lastProblem().isPresent()) {
            byDestination.computeIfAbsent(destination, d -> new ArrayList<>());
          }
        });
    var all = new ArrayList<OutboxStatus.Queue>();
    byDestination.forEach(
        (destination, waiting) -> {
          Lane lane = lane(destination);
          all.add(
              new OutboxStatus.Queue(
                  destination,
                  waiting.size(),
                  waiting.stream().mapToLong(item -> item.ref.bytes()).sum(),
                  waiting.stream().map(item -> item.ref.staged()).min(Instant::compareTo),
                  lane.failures(),
                  lane.lastProblem(),
                  lane.parked(),
                  ripeAt(destination)));
        });
    return all;
  }
}
