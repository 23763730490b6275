package dev.turnpike.session;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Signal;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks adapters what events mean and hands them to the workers of their sessions, on a thread of
 * its own: whoever brings an event never waits for a payload to be parsed.
 */
final class Router {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);
  private static final Duration BEHIND_THE_HOOK = Duration.ofMillis(5);

  /** So long hooks that come one upon the other are waited for, in pauses of that length. */
  private static final int MOST_PAUSES = 8;

  /** What is on its way to a worker. */
  private sealed interface Post {
    record Arrived(Event event) implements Post {}

    /** Tracing was off for this call. */
    record Declined(Event event, CompletableFuture<Void> marked) implements Post {}

    record Errand(Runnable errand) implements Post {}
  }

  private final Map<AgentId, Agent<?>> agents;
  private final Journal journal;
  private final Inbox inbox;
  private final Workers workers;
  private final Function<AgentId, Counters> counters;
  private final Counters unrouted = new Counters();
  private final BlockingQueue<Post> posts = new LinkedBlockingQueue<>();
  private final Map<AgentId, Instant> lastEvents = new ConcurrentHashMap<>();
  private final Declines declines;

  /** The last of those dropped so far, which are written in their order. On the router's thread. */
  private CompletableFuture<Void> lastDrop = CompletableFuture.completedFuture(null);

  Router(
      Map<AgentId, Agent<?>> agents,
      Journal journal,
      Inbox inbox,
      Workers workers,
      Function<AgentId, Counters> counters) {
    this.agents = agents;
    this.journal = journal;
    this.inbox = inbox;
    this.workers = workers;
    this.counters = counters;
    this.declines = new Declines(journal);
  }

  /** What the last process left; before {@link #start}. */
  void takeUp() {
    for (Entry.PromptDeclined mark : journal.view().declinedPrompts()) {
      agent(mark.session().agent())
          .ifPresent(agent -> hand(agent, mark.session(), Declines.Mark.of(mark)));
    }
    inbox.pending().forEach(this::arrived);
  }

  Thread start() {
    return Thread.ofPlatform().name("router").daemon().start(this::route);
  }

  void arrived(Event event) {
    posts.add(new Post.Arrived(event));
  }

  CompletableFuture<Void> declined(Event event) {
    var marked = new CompletableFuture<Void>();
    posts.add(new Post.Declined(event, marked));
    return marked;
  }

  /** Runs when everything that arrived before was handed on. */
  void afterwards(Runnable errand) {
    posts.add(new Post.Errand(errand));
  }

  /** Completes when nothing of what was dropped by then counts as pending any more. */
  CompletableFuture<Void> dropped() {
    var written = new CompletableFuture<Void>();
    afterwards(
        () -> {
          var _ = lastDrop.whenComplete((done, failure) -> written.complete(null));
        });
    return written;
  }

  Optional<Instant> lastEvent(AgentId agent) {
    return Optional.ofNullable(lastEvents.get(agent));
  }

  Counters unrouted() {
    return unrouted;
  }

  /**
   * Ends a session on the router's own thread: what arrived before belongs to it, and nothing that
   * arrives later is routed before {@code rest} has run. Completes with what that gave.
   */
  <T> CompletableFuture<T> forget(SessionKey key, Sessions.Rest<T> rest) {
    var done = new CompletableFuture<T>();
    afterwards(
        () -> {
          try {
            workers.forget(key);
            agent(key.agent()).ifPresent(agent -> dropPending(agent, key));
            declines.forget(key);
            done.complete(rest.run());
          } catch (IOException | RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
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

  private void route() {
    try {
      while (true) {
        Post first = posts.take();
        if (first instanceof Post.Arrived) {
          letHooksPass();
        }
        deliver(first);
        for (Post next = posts.poll(); next != null; next = posts.poll()) {
          deliver(next);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The hook that brought an event is ending just now, and the next one may begin: with few cores
   * the work it makes would be in their way. Of a burst of them all are handed on together, since
   * to look at a session costs as much as to take an event. One that was declined waits for us.
   */
  private void letHooksPass() throws InterruptedException {
    int before;
    int pauses = 0;
    do {
      before = posts.size();
      Thread.sleep(BEHIND_THE_HOOK);
      pauses++;
    } while (pauses < MOST_PAUSES && posts.size() > before && nobodyWaits());
  }

  private boolean nobodyWaits() {
    return posts.stream().allMatch(Post.Arrived.class::isInstance);
  }

  private void deliver(Post post) {
    try {
      switch (post) {
        case Post.Arrived(var event) ->
            agent(event.agent())
                .ifPresentOrElse(agent -> tell(agent, event), () -> dropOfNobody(event));
        case Post.Declined(var event, var marked) ->
            owner(event)
                .ifPresentOrElse(
                    agent -> decline(agent, event, marked), () -> marked.complete(null));
        case Post.Errand(var errand) -> errand.run();
      }
    } catch (RuntimeException e) {
      LOG.warn("an event could not be routed", e);
      if (post instanceof Post.Declined(_, var marked)) {
        marked.completeExceptionally(e);
      }
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
    Counters counted = counters.apply(agent.id());
    switch (agent.interpret(event)) {
      case Interpretation.Understood<S>(var signal) -> {
        counted.count("event.accepted");
        lastEvents.merge(agent.id(), event.at(), (a, b) -> a.isAfter(b) ? a : b);
        if (signal.moment() == Signal.Moment.SESSION_STARTED) {
          counted.count("session.started");
        }
        var key = new SessionKey(agent.id(), signal.session());
        declines.traced(key);
        workers.with(
            key,
            agent,
            worker -> {
              declines.take(key).forEach(mark -> worker.decline(mark.id(), mark.prompt()));
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
      counters.apply(ranBy.id()).count("event.passed-on." + owner);
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

  private <S extends Signal> void decline(
      Agent<S> agent, Event event, CompletableFuture<Void> marked) {
    counters.apply(agent.id()).count("event.declined");
    if (!(agent.interpret(event) instanceof Interpretation.Understood<S>(var signal))) {
      marked.complete(null);
      return;
    }
    var key = new SessionKey(agent.id(), signal.session());
    Optional<Declines.Mark> before = declines.marked(key, signal.prompt());
    if (before.isPresent()) {
      pass(before.get().written(), marked);
      return;
    }
    Declines.Mark mark = declines.mark(event.id(), key, signal.prompt());
    pass(mark.written(), marked);
    hand(agent, key, mark);
  }

  private static void pass(CompletableFuture<Void> from, CompletableFuture<Void> to) {
    var _ =
        from.whenComplete(
            (done, failure) -> {
              if (failure == null) {
                to.complete(null);
              } else {
                to.completeExceptionally(failure);
              }
            });
  }

  /**
   * A session never traced is given no memory for it: the mark waits here, for the case that an
   * earlier event of the session comes later, as out of the spool.
   */
  private <S extends Signal> void hand(Agent<S> agent, SessionKey key, Declines.Mark mark) {
    if (workers.isActive(key) || journal.view().session(key).isPresent()) {
      workers.with(key, agent, worker -> worker.decline(mark.id(), mark.prompt()));
    } else {
      declines.keep(key, mark);
    }
  }

  /** Names of agents we do not know are the caller's own words: they are not told apart. */
  private void dropOfNobody(Event event) {
    unrouted.count("event.unknown_agent");
    drop(event.id(), "event.unknown_agent");
  }

  private void drop(Event event, String reason) {
    counters.apply(event.agent()).count(reason);
    drop(event.id(), reason);
  }

  private void drop(EventId event, String reason) {
    Set<EventId> gone = Set.of(event);
    lastDrop =
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

  private Optional<Agent<?>> agent(AgentId id) {
    return Optional.ofNullable(agents.get(id));
  }
}
