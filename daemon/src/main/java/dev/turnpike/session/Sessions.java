package dev.turnpike.session;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Memory;
import dev.turnpike.config.Config;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.SessionRecord;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import dev.turnpike.model.SessionKey;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.platform.Beat;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.HostFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes events to the session they concern and keeps one worker for each session that has
 * something to do. Interprets on a thread of its own, so that whoever brings an event never waits
 * for a payload to be parsed.
 */
public final class Sessions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
  private static final Duration SWEEP = Duration.ofSeconds(30);
  private static final Duration FORGET_WITHIN = Duration.ofSeconds(30);

  private final Map<AgentId, Agent<?>> agents;
  private final Journal journal;
  private final Inbox inbox;
  private final Steps steps;
  private final InstantSource ticks;
  private final Workers workers;
  private final Map<AgentId, Counters> counters = new ConcurrentHashMap<>();
  private final List<Thread> own = new ArrayList<>();
  private final Router router;

  /** A session that could not take its last step, for {@code status}. */
  public record Trouble(SessionKey session, String what, Instant since) {}

  /** The rooms the sessions work with. */
  public record Rooms(Journal journal, Inbox inbox, Outbox outbox, Config config) {}

  /**
   * Where and when they work.
   *
   * @param ticks what waits are measured with, see {@code Ticks}; {@code clock} is for what is
   *     written down
   */
  public record Place(HostFacts host, Path home, InstantSource clock, InstantSource ticks) {}

  private Sessions(Collection<Agent<?>> agents, Rooms rooms, Place place) {
    var byId = new TreeMap<AgentId, Agent<?>>();
    agents.forEach(agent -> byId.put(agent.id(), agent));
    this.agents = byId;
    this.journal = rooms.journal();
    this.inbox = rooms.inbox();
    var contexts = new ContextBuilder(rooms.config(), place.host(), place.home());
    var claims = new Claims(rooms.journal().view()::exported);
    this.steps =
        new Steps(
            rooms.journal(),
            rooms.inbox(),
            rooms.outbox(),
            contexts,
            claims,
            this::counters,
            place.clock());
    this.ticks = place.ticks();
    InstantSource clock = place.clock();
    this.workers =
        new Workers(steps, clock, ticks, this::counters, place.host().uid(), this::spoolTaken);
    this.router = new Router(byId, journal, inbox, workers, this::counters);
  }

  public static Sessions of(Collection<Agent<?>> agents, Rooms rooms, Place place) {
    return new Sessions(agents, rooms, place);
  }

  /**
   * Takes up what the last process left: unconsumed events, and sessions in which something was
   * open.
   */
  public void start() {
    router.takeUp();
    journal.view().sessions().stream()
        .filter(record -> !record.memory().isEmpty() && SessionMemoryJson.isOpen(record.memory()))
        .map(SessionRecord::key)
        .forEach(key -> workers.openChanged(key, true));
    own.add(router.start());
    own.add(Thread.ofVirtual().name("sweeper").start(this::sweepForEver));
  }

  /** Called by the inbox for every event it has stored. Never blocks. */
  public void arrived(Event event) {
    router.arrived(event);
  }

  /**
   * An event for which tracing was off: leaves no more than a mark that its prompt is not to be
   * sent. Never blocks.
   *
   * @return completes when that mark survives this process and the body is not needed any more
   */
  public CompletableFuture<Void> declined(Event event) {
    return router.declined(event);
  }

  /**
   * Closes what can be closed with certainty; completes when every worker has looked, nothing
   * announced is outstanding, and what means nothing is dropped.
   */
  public CompletableFuture<Void> flush() {
    var done = new CompletableFuture<Void>();
    CompletableFuture<Void> dropped = router.dropped();
    router.afterwards(() -> flushAll(done));
    return CompletableFuture.allOf(dropped, done);
  }

  /** Looks at every session in which something is open. */
  public void sweep() {
    for (SessionKey key : workers.open()) {
      agentOf(key).ifPresent(agent -> workers.with(key, agent, SessionWorker::look));
    }
  }

  /** Takes over what hook clients left while no daemon was there, without keeping the caller. */
  public void takeSpool() {
    own.add(Thread.ofVirtual().name("spool").start(this::drainSpool));
  }

  /** What else is to go with a session, its record in the journal last. */
  @FunctionalInterface
  public interface Rest<T> {
    T run() throws IOException;
  }

  /**
   * Ends the session's worker without a further step and drops its events that no step has
   * consumed: told again after a restart they would begin it anew. No event of any session is
   * routed until {@code rest} has run: a worker that began before it would bring back what it
   * finds.
   */
  public <T> T forget(SessionKey key, Rest<T> rest) throws IOException {
    try {
      return router.forget(key, rest).orTimeout(FORGET_WITHIN.toSeconds(), SECONDS).join();
    } catch (CompletionException e) {
      throw new IOException(key + " is not forgotten: " + e.getCause(), e);
    }
  }

  /** When the latest event of an agent was, since the daemon started. */
  public Optional<Instant> lastEvent(AgentId agent) {
    return router.lastEvent(agent);
  }

  public Counters counters(AgentId agent) {
    return counters.computeIfAbsent(agent, id -> new Counters());
  }

  /** What was dropped because it concerns no agent that is known. */
  public Counters unrouted() {
    return router.unrouted();
  }

  /** Sessions that have a worker now. */
  public Set<SessionKey> activeSessions() {
    return workers.active();
  }

  /** Events of a session that no step of it accounts for yet. */
  public int waiting(SessionKey key) {
    return workers.waiting(key);
  }

  /** The files a session's cursor stands in, by path, as of its last step. */
  public Map<Path, Long> cursors(SessionKey key) {
    return steps.memory(key).assembler().map(Memory::positions).orElse(Map.of()).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  /** The working directory of a session's latest event, if known. */
  public Optional<String> workingDirectory(SessionKey key) {
    return steps
        .memory(key)
        .terms(Optional.empty())
        .flatMap(
            terms ->
                terms instanceof Terms.Traced traced
                    ? Optional.ofNullable(traced.cwd())
                    : Optional.empty());
  }

  public Set<SessionKey> openSessions() {
    return workers.open();
  }

  public List<Trouble> troubles() {
    return workers.troubles();
  }

  @Override
  public void close() {
    own.forEach(Thread::interrupt);
    workers.stop();
  }

  private void flushAll(CompletableFuture<Void> done) {
    var waits = new ArrayList<CompletableFuture<Void>>();
    var keys = new HashSet<>(workers.active());
    keys.addAll(workers.open());
    for (SessionKey key : keys) {
      agentOf(key)
          .ifPresent(
              agent -> {
                var looked = new CompletableFuture<Void>();
                waits.add(looked);
                workers.with(key, agent, worker -> worker.flush(looked));
              });
    }
    var _ =
        CompletableFuture.allOf(waits.toArray(CompletableFuture[]::new))
            .whenComplete((nothing, failure) -> done.complete(null));
  }

  private void sweepForEver() {
    try {
      while (true) {
        Thread.sleep(Beat.untilNext(SWEEP));
        sweepOnce();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whatever fails, the next sweep has to come. */
  private void sweepOnce() {
    try {
      drainSpool();
      sweep();
    } catch (RuntimeException e) {
      LOG.warn("a sweep failed; the next one comes in {}", SWEEP, e);
    }
  }

  /** Completes when all that hook clients had left was told to the workers it concerns. */
  private CompletableFuture<Instant> spoolTaken() {
    var taken = new CompletableFuture<Instant>();
    Thread.ofVirtual()
        .name("spool")
        .start(
            () -> {
              try {
                drainSpool();
              } finally {
                router.afterwards(() -> taken.complete(ticks.instant()));
              }
            });
    return taken;
  }

  private void drainSpool() {
    try {
      inbox.drainSpool();
    } catch (IOException e) {
      LOG.warn("the spool could not be read; trying again at the next sweep: {}", e.toString());
    }
  }

  private Optional<Agent<?>> agentOf(SessionKey key) {
    return Optional.ofNullable(agents.get(key.agent()));
  }
}
