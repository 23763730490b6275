package dev.turnpike.session;

import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Memory;
import dev.turnpike.config.Settings;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.SessionRecord;
import dev.turnpike.journal.Step;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TurnKey;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.platform.Counters;
import dev.turnpike.privacy.Privacy;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what is finished into journal steps: seal the trace, stage its bodies, and commit consumed
 * events, memory and batches in one record. Nothing is true before that record is on the disk, and
 * everything is after it.
 */
final class Steps {
  /**
   * What a step keeps of a session, as of one moment.
   *
   * @param gate closed when the session is forgotten
   */
  record Remembered(String memory, Set<EventId> consumed, Gate gate) {}

  /** Through it goes every step of one worker, until it is closed: then none does any more. */
  static final class Gate {
    private boolean closed;

    /** When this returns, whatever step there will ever be is in the journal's hands already. */
    synchronized void close() {
      closed = true;
    }

    synchronized CompletableFuture<Void> commit(Journal journal, Entry entry) throws IOException {
      if (closed) {
        throw new IOException("the session is forgotten");
      }
      return journal.commit(entry);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Steps.class);

  private final Journal journal;
  private final Inbox inbox;
  private final Outbox outbox;
  private final ContextBuilder contexts;
  private final Claims claims;
  private final Function<AgentId, Counters> counters;
  private final InstantSource clock;

  Steps(
      Journal journal,
      Inbox inbox,
      Outbox outbox,
      ContextBuilder contexts,
      Claims claims,
      Function<AgentId, Counters> counters,
      InstantSource clock) {
    this.journal = journal;
    this.inbox = inbox;
    this.outbox = outbox;
    this.contexts = contexts;
    this.claims = claims;
    this.counters = counters;
    this.clock = clock;
  }

  /**
   * What the last step kept. A memory nobody can read is as good as none: the session goes on as on
   * first contact rather than stand still for ever, and what went out before is known by its keys.
   */
  SessionMemory memory(SessionKey key) {
    Optional<String> text =
        journal.view().session(key).map(SessionRecord::memory).filter(some -> !some.isEmpty());
    try {
      return text.map(SessionMemoryJson::read).orElseGet(SessionMemory::new);
    } catch (IllegalStateException | IllegalArgumentException e) {
      counters.apply(key.agent()).count("session.memory-unreadable");
      LOG.error("{}: its memory in the journal cannot be read; beginning anew", key, e);
      return new SessionMemory();
    }
  }

  boolean exported(TurnKey turn) {
    return claims.exported(turn);
  }

  /** Bytes that wait to be sent, or to be named by a step. */
  long queuedBytes() {
    return outbox.bytes();
  }

  Settings settings(Terms.Traced terms) {
    return contexts.settings(terms);
  }

  /** Commits that rows or events are accounted for, without a trace. */
  void advance(SessionKey key, Remembered remembered) throws IOException {
    commit(key, remembered, List.of(), Set.of());
  }

  void turnClosed(
      SessionKey key,
      SessionMemory memory,
      Finished.ClosedTurn turn,
      Function<Memory, Remembered> remember)
      throws IOException {
    Optional<Terms> terms = memory.terms(turn.facts().prompt());
    if (!(terms.orElse(null) instanceof Terms.Traced traced) || paused(key)) {
      counters.apply(key.agent()).count("turn.declined");
      commit(key, remember.apply(turn.memory()), List.of(), Set.of(turn.key()));
      return;
    }
    Settings settings = contexts.settings(traced);
    if (!settings.sampled(turn.trace())) {
      counters.apply(key.agent()).count("turn.sampled-out");
      commit(key, remember.apply(turn.memory()), List.of(), Set.of(turn.key()));
      return;
    }
    if (!claims.claim(turn.key())) {
      counters.apply(key.agent()).count("turn.skipped.exported-before");
      commit(key, remember.apply(turn.memory()), List.of(), Set.of());
      return;
    }
    try {
      TraceContext context = contexts.build(key, turn.facts(), traced, settings);
      var trace = new Trace(turn.trace(), context, turn.observations());
      List<BatchRef> staged = stage(trace, settings, traced.destination(), key);
      if (turn.laterParts()) {
        memory.expectLaterParts(turn.trace(), new SessionMemory.Pending(context, traced));
      }
      commit(key, remember.apply(turn.memory()), staged, Set.of(turn.key()));
      counters.apply(key.agent()).count("turn.exported");
      counters.apply(key.agent()).add("span.exported", trace.observations().size());
    } finally {
      claims.settle(turn.key());
    }
  }

  void laterPart(
      SessionKey key,
      SessionMemory memory,
      Finished.LaterPart part,
      Function<Memory, Remembered> remember)
      throws IOException {
    Optional<SessionMemory.Pending> of = memory.pending(part.trace());
    if (part.last()) {
      memory.noLaterParts(part.trace());
    }
    if (of.isEmpty() || part.observations().isEmpty() || paused(key)) {
      // its turn was declined or sampled out, or the part only says that nothing more will come
      commit(key, remember.apply(part.memory()), List.of(), Set.of());
      return;
    }
    // on the terms of its turn, which may not be those of the session's latest prompt
    SessionMemory.Pending pending = of.get();
    var trace = new Trace(part.trace(), pending.context(), part.observations());
    List<BatchRef> staged =
        stage(trace, contexts.settings(pending.terms()), pending.terms().destination(), key);
    commit(key, remember.apply(part.memory()), staged, Set.of());
    counters.apply(key.agent()).add("span.exported", trace.observations().size());
  }

  private List<BatchRef> stage(
      Trace trace, Settings settings, DestinationId destination, SessionKey key)
      throws IOException {
    return outbox.stage(Privacy.seal(trace, settings.privacy()), destination, key);
  }

  private void commit(
      SessionKey key, Remembered remembered, List<BatchRef> staged, Set<TurnKey> exported)
      throws IOException {
    var step =
        new Step(
            key, clock.instant(), remembered.consumed(), remembered.memory(), staged, exported);
    join(remembered.gate().commit(journal, new Entry.StepTaken(step)));
    inbox.consumed(remembered.consumed());
    outbox.queued(staged);
  }

  private static void join(CompletableFuture<Void> written) throws IOException {
    try {
      written.join();
    } catch (CompletionException e) {
      throw new IOException("journal: " + e.getCause(), e);
    }
  }

  private boolean paused(SessionKey key) {
    return journal.view().session(key).map(SessionRecord::paused).orElse(false);
  }
}
