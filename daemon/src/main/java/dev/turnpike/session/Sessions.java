package dev.turnpike.session;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.Signal;
import dev.turnpike.config.Config;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.SessionRecord;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.outbox.Outbox;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
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
  private static final Duration ANSWERED_WITHIN = Duration.ofMillis(2);

  /** What is on its way to a worker. */
  private sealed interface Post {
    record Arrived(Event event) implements Post {}

    /** Tracing was off for this call. */
    record Declined(Event event, Runnable done) implements Post {}

    record Flush(CompletableFuture<Void> done) implements Post {}
  }

  private final Map<AgentId, Agent<?>> agents;
  private final Journal journal;
  private final Inbox inbox;
  private final Steps steps;
  private final InstantSource clock;
  private final Workers workers;
  private final Counters unrouted = new Counters();
  private final Map<AgentId, Counters> counters = new ConcurrentHashMap<>();
  private final BlockingQueue<Post> posts = new LinkedBlockingQueue<>();
  private final Map<AgentId, Instant> lastEvents = new ConcurrentHashMap<>();
  private final List<Thread> own = new ArrayList<>();
  private final DeclinedFirst declinedFirst = new DeclinedFirst();

  /** A session that could not take its last step, for {@code status}. */
  public record Trouble(SessionKey session, String what, Instant since) {}

  /** The rooms the sessions work with. */
  public record Rooms(Journal journal, Inbox inbox, Outbox outbox, Config config) {}

  /** Where and when they work. */
  public record Place(HostFacts host, Path home, InstantSource clock) {}

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
    this.clock = place.clock();
    this.workers = new Workers(steps, clock, this::counters, place.host().uid(), this::spoolTaken);
  }

  public static Sessions of(Collection<Agent<?>> agents, Rooms rooms, Place place) {
    return new Sessions(agents, rooms, place);
  }

  /**
   * Takes up what the last process left: unconsumed events, and sessions in which something was
   * open.
   */
  public void start() {
    inbox.pending().forEach(this::arrived);
    journal.view().sessions().stream()
        .filter(record -> !record.memory().isEmpty() && SessionMemoryJson.isOpen(record.memory()))
        .map(SessionRecord::key)
        .forEach(key -> workers.openChanged(key, true));
    own.add(Thread.ofPlatform().name("router").daemon().start(this::route));
    own.add(Thread.ofVirtual().name("sweeper").start(this::sweepForEver));
  }

  /** Called by the inbox for every event it has stored. Never blocks. */
  public void arrived(Event event) {
    posts.add(new Post.Arrived(event));
  }

  /**
   * An event for which tracing was off: leaves no more than a mark that its prompt is not to be
   * sent. Never blocks; {@code done} runs when its body is not needed any more.
   */
  public void declined(Event event, Runnable done) {
    posts.add(new Post.Declined(event, done));
  }

  /**
   * Closes what can be closed with certainty; completes when every worker has looked and nothing
   * announced is outstanding.
   */
  public CompletableFuture<Void> flush() {
    var done = new CompletableFuture<Void>();
    posts.add(new Post.Flush(done));
    return done;
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

  /**
   * Ends the session's worker without a further step and drops its events that no step has
   * consumed: told again after a restart they would begin it anew. The caller removes its record
   * from the journal.
   */
  public void forget(SessionKey key) {
    workers.forget(key);
    agentOf(key).ifPresent(agent -> dropPending(agent, key));
  }

  private <S extends Signal> void dropPending(Agent<S> agent, SessionKey key) {
    for (Event event : inbox.pending()) {
      if (owner(event).filter(agent::equals).isPresent()
          && agent.interpret(event) instanceof Interpretation.Understood<S>(var signal)
          && signal.session().equals(key.session())) {
        drop(event, "event.forgotten");
      }
    }
  }

  /** When the latest event of an agent was, since the daemon started. */
  public Optional<Instant> lastEvent(AgentId agent) {
    return Optional.ofNullable(lastEvents.get(agent));
  }

  public Counters counters(AgentId agent) {
    return counters.computeIfAbsent(agent, id -> new Counters());
  }

  /** What was dropped because it concerns no agent that is known. */
  public Counters unrouted() {
    return unrouted;
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

  private void route() {
    try {
      while (true) {
        Post first = posts.take();
        // The hook that brought it is being answered just now: with few cores the work it makes
        // would be in its way.
        Thread.sleep(ANSWERED_WITHIN);
        deliver(first);
        Post next = posts.poll();
        while (next != null) {
          deliver(next);
          next = posts.poll();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(Post post) {
    try {
      switch (post) {
        case Post.Arrived(var event) ->
            agent(event.agent())
                .ifPresentOrElse(agent -> tell(agent, event), () -> dropOfNobody(event));
        case Post.Declined(var event, var done) -> {
          try {
            owner(event).ifPresent(agent -> decline(agent, event));
          } finally {
            done.run();
          }
        }
        case Post.Flush(var done) -> flushAll(done);
      }
    } catch (RuntimeException e) {
      LOG.warn("an event could not be routed", e);
      if (post instanceof Post.Arrived(var event)) {
        if (agents.containsKey(event.agent())) {
          drop(event, "event.failed");
        } else {
          dropOfNobody(event);
        }
      }
    }
  }

  private <S extends Signal> void tell(Agent<S> agent, Event event) {
    Counters counted = counters(agent.id());
    switch (agent.interpret(event)) {
      case Interpretation.Understood<S>(var signal) -> {
        counted.count("event.accepted");
        lastEvents.merge(agent.id(), event.at(), (a, b) -> a.isAfter(b) ? a : b);
        if (signal.moment() == Signal.Moment.SESSION_STARTED) {
          counted.count("session.started");
        }
        var key = new SessionKey(agent.id(), signal.session());
        workers.with(
            key,
            agent,
            worker -> {
              declinedFirst.take(key).forEach(worker::decline);
              worker.tell(event, signal);
            });
      }
      case Interpretation.Foreign<S>(var owner) -> tellOwner(agent, owner, event);
      case Interpretation.Ignored<S>(var reason) -> drop(event, reason);
      case Interpretation.Malformed<S>(var reason) -> drop(event, reason);
    }
  }

  /** An adapter that would pass it on once more has not understood it. */
  private void tellOwner(Agent<?> ranBy, AgentId owner, Event event) {
    Agent<?> known = agents.get(owner);
    if (known == null
        || known.equals(ranBy)
        || known.interpret(event) instanceof Interpretation.Foreign<?>) {
      drop(event, "event.foreign." + owner);
    } else {
      counters(ranBy.id()).count("event.passed-on." + owner);
      tell(known, event);
    }
  }

  /** Whose event this is: another agent may have run the hook. */
  private Optional<Agent<?>> owner(Event event) {
    return agent(event.agent())
        .flatMap(
            agent ->
                agent.interpret(event) instanceof Interpretation.Foreign<?>(var owner)
                    ? agent(owner)
                    : Optional.of(agent));
  }

  /**
   * A session never traced is given no memory for it: the mark waits here, for the case that an
   * earlier event of the session comes later, as out of the spool.
   */
  private <S extends Signal> void decline(Agent<S> agent, Event event) {
    counters(agent.id()).count("event.declined");
    if (agent.interpret(event) instanceof Interpretation.Understood<S>(var signal)) {
      var key = new SessionKey(agent.id(), signal.session());
      if (workers.isActive(key) || journal.view().session(key).isPresent()) {
        workers.with(key, agent, worker -> worker.decline(signal.prompt()));
      } else {
        declinedFirst.add(key, signal.prompt());
      }
    }
  }

  /** Names of agents we do not know are the caller's own words: they are not told apart. */
  private void dropOfNobody(Event event) {
    unrouted.count("event.unknown_agent");
    drop(event.id(), "event.unknown_agent");
  }

  private void drop(Event event, String reason) {
    counters(event.agent()).count(reason);
    drop(event.id(), reason);
  }

  private void drop(EventId event, String reason) {
    Set<EventId> gone = Set.of(event);
    var _ =
        journal
            .append(new Entry.EventsDropped(gone, reason))
            .whenComplete(
                (written, failure) -> {
                  if (failure == null) {
                    inbox.consumed(gone);
                  }
                  // else it is still pending after a restart, and dropped then
                });
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
        Thread.sleep(SWEEP);
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

  private CompletableFuture<Instant> spoolTaken() {
    var taken = new CompletableFuture<Instant>();
    Thread.ofVirtual()
        .name("spool")
        .start(
            () -> {
              try {
                drainSpool();
              } finally {
                taken.complete(clock.instant());
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

  private Optional<Agent<?>> agent(AgentId id) {
    return Optional.ofNullable(agents.get(id));
  }

  private Optional<Agent<?>> agentOf(SessionKey key) {
    return agent(key.agent());
  }
}
