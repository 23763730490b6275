package dev.turnpike.session;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Signal;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.platform.Counters;
import dev.turnpike.session.Sessions.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers at work, one for each session that has something to do, and which sessions have
 * something open. A worker is created when it is first told something and leaves by itself; it
 * cannot leave while it is being told something.
 */
final class Workers implements Surroundings.Life {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(1);

  private final Steps steps;
  private final InstantSource clock;
  private final InstantSource ticks;
  private final Function<AgentId, Counters> counters;
  private final long ownUid;
  private final Supplier<CompletableFuture<Instant>> spool;
  private final Semaphore bigRows = new Semaphore(1);
  private final Map<SessionKey, Seat> seats = new ConcurrentHashMap<>();
  private final Set<SessionKey> open = ConcurrentHashMap.newKeySet();
  private final Map<SessionKey, Trouble> troubles = new ConcurrentHashMap<>();

  private record Seat(SessionWorker<?> worker, Thread thread) {}

  /** Something to be told a worker; must not block. */
  interface Errand<S extends Signal> {
    void run(SessionWorker<S> worker);
  }

  /**
   * @param spool takes the spool over and completes when that is done
   */
  Workers(
      Steps steps,
      InstantSource clock,
      InstantSource ticks,
      Function<AgentId, Counters> counters,
      long ownUid,
      Supplier<CompletableFuture<Instant>> spool) {
    this.steps = steps;
    this.clock = clock;
    this.ticks = ticks;
    this.counters = counters;
    this.ownUid = ownUid;
    this.spool = spool;
  }

  /**
   * Runs the errand while the worker cannot leave: it is created, told and kept under the map's own
   * lock.
   */
  <S extends Signal> void with(SessionKey key, Agent<S> agent, Errand<S> errand) {
    seats.compute(
        key,
        (same, seat) -> {
          if (seat != null) {
            // one key belongs to one agent, so the worker's signals are of this agent's type
            @SuppressWarnings("unchecked")
            var worker = (SessionWorker<S>) seat.worker();
            errand.run(worker);
            return seat;
          }
          var worker = new SessionWorker<>(key, agent, surroundings(key));
          errand.run(worker);
          return new Seat(worker, Thread.ofVirtual().name("session " + key).start(worker));
        });
  }

  boolean isActive(SessionKey key) {
    return seats.containsKey(key);
  }

  int waiting(SessionKey key) {
    Seat seat = seats.get(key);
    return seat == null ? 0 : seat.worker().waiting();
  }

  Set<SessionKey> active() {
    return Set.copyOf(seats.keySet());
  }

  /** Sessions with an open turn or background work. */
  Set<SessionKey> open() {
    return Set.copyOf(open);
  }

  List<Trouble> troubles() {
    return List.copyOf(troubles.values());
  }

  /** Ends a session's worker without a further step. */
  void forget(SessionKey key) {
    Seat seat = seats.remove(key);
    open.remove(key);
    troubles.remove(key);
    if (seat != null) {
      // a step that ends late must not bring the session back
      seat.worker().retire();
      seat.thread().interrupt();
      join(seat.thread(), STOP_WITHIN);
    }
  }

  /**
   * Interrupts all and waits a moment. What one had not committed is done again after the next
   * start.
   */
  void stop() {
    List<Seat> all = List.copyOf(seats.values());
    all.forEach(seat -> seat.thread().interrupt());
    Instant deadline = ticks.instant().plus(STOP_WITHIN);
    for (Seat seat : all) {
      join(seat.thread(), Duration.between(ticks.instant(), deadline));
    }
  }

  private static void join(Thread thread, Duration atMost) {
    try {
      if (atMost.isPositive() && !thread.join(atMost)) {
        LOG.info("{} did not stop in time", thread.getName());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Surroundings surroundings(SessionKey key) {
    return new Surroundings(
        steps, clock, ticks, counters.apply(key.agent()), bigRows, ownUid, this);
  }

  @Override
  public CompletableFuture<Instant> takeSpool() {
    return spool.get();
  }

  @Override
  public boolean mayRest(SessionWorker<?> worker) {
    Seat left =
        seats.computeIfPresent(
            worker.key(),
            (key, seat) -> seat.worker().equals(worker) && !worker.hasMail() ? null : seat);
    return left == null || !left.worker().equals(worker);
  }

  @Override
  public void ended(SessionWorker<?> worker) {
    seats.computeIfPresent(worker.key(), (key, seat) -> seat.worker().equals(worker) ? null : seat);
  }

  @Override
  public void failed(SessionKey key, Throwable cause) {
    counters.apply(key.agent()).count("session.step-failed");
    String what =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    troubles.compute(
        key, (same, old) -> new Trouble(key, what, old == null ? clock.instant() : old.since()));
  }

  @Override
  public void openChanged(SessionKey key, boolean nowOpen) {
    troubles.remove(key);
    if (nowOpen) {
      open.add(key);
    } else {
      open.remove(key);
    }
  }
}
