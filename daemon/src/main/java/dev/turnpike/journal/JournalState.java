package dev.turnpike.journal;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the entries so far amount to. Written by the journal's thread alone, read by all: every
 * method holds the object's own lock, which is not handed out.
 */
final class JournalState implements JournalView {
  /** Estimates of what a record of each thing takes, for deciding on compaction. */
  private static final int EVENT_OVERHEAD_BYTES = 600;

  private static final int SESSION_OVERHEAD_BYTES = 250;
  private static final int TURN_BYTES = 45;
  private static final int BATCH_BYTES = 350;
  private static final int DECLINED_BYTES = 200;

  /** Marks of sessions that are never traced stay: the oldest of very many goes. */
  private static final int LIMIT_DECLINED = 20_000;

  private static final int EVENT_ID_BYTES = 40;
  private static final int LIMIT_TURNS_PER_RECORD = 2000;

  private static final class Session {
    String memory = "";
    boolean paused;
    Instant lastStep = Instant.EPOCH;
    int turns;
    final Set<TurnKey> exported = new LinkedHashSet<>();
  }

  private final int recentEvents;
  private final Object lock = new Object();
  private final LinkedHashMap<EventId, Event> pending = new LinkedHashMap<>();
  private final LinkedHashMap<EventId, Entry.PromptDeclined> declined = new LinkedHashMap<>();
  private final LinkedHashSet<EventId> recent = new LinkedHashSet<>();
  private final LinkedHashMap<SessionKey, Session> sessions = new LinkedHashMap<>();
  private final Map<TurnKey, Integer> exported = new HashMap<>();
  private LinkedHashMap<BatchId, BatchRef> batches = new LinkedHashMap<>();
  private final LinkedHashMap<BatchId, Buried> buried = new LinkedHashMap<>();
  private long pendingBytes;
  private long inlineBytes;
  private long memoryChars;
  private long exportedKeys;

  JournalState(int recentEvents) {
    this.recentEvents = recentEvents;
  }

  void apply(Fact fact) {
    synchronized (lock) {
      switch (fact) {
        case Fact.Told(var entry, var at) -> apply(entry, at);
        case Fact.SessionKept(var record, var turns) -> {
          Session session = open(record.key());
          remember(session, record.memory());
          session.paused = record.paused();
          session.lastStep = record.lastStep();
          session.turns = record.turns();
          export(session, turns);
        }
        case Fact.EventsRemembered(var events) -> events.forEach(this::recall);
        case Fact.BuriedKept(var letter) -> buried.put(letter.ref().id(), letter);
      }
    }
  }

  private void apply(Entry entry, Instant at) {
    switch (entry) {
      case Entry.EventAccepted(var event) -> {
        if (pending.put(event.id(), event) == null) {
          count(event, 1);
        }
      }
      case Entry.EventsDropped(var events, _) -> events.forEach(this::consume);
      case Entry.StepTaken(var step) -> apply(step);
      case Entry.BatchesQueued(var refs) -> refs.forEach(ref -> batches.put(ref.id(), ref));
      case Entry.BatchSettled(var batch) -> batches.remove(batch);
      case Entry.BatchReplaced(var batch, var by, _) -> replace(batch, by);
      case Entry.BatchBuried(var batch, var reason) -> {
        BatchRef ref = batches.remove(batch);
        if (ref != null) {
          buried.put(batch, new Buried(ref, reason, at));
        }
      }
      case Entry.BatchRevived(var batch) -> {
        Buried letter = buried.remove(batch);
        if (letter != null) {
          batches.put(batch, letter.ref());
        }
      }
      case Entry.BatchDropped(var batch, _) -> {
        batches.remove(batch);
        buried.remove(batch);
      }
      case Entry.SessionPaused(var key, var paused) -> {
        Session session = open(key);
        session.paused = paused;
        session.lastStep = at;
      }
      case Entry.PromptDeclined mark -> {
        declined.put(mark.id(), mark);
        if (declined.size() > LIMIT_DECLINED) {
          declined.pollFirstEntry();
        }
      }
      case Entry.SessionForgotten(var key) -> {
        declined.values().removeIf(mark -> mark.session().equals(key));
        forget(key);
      }
    }
  }

  private void apply(Step step) {
    step.consumed().forEach(this::consume);
    Session session = open(step.session());
    remember(session, step.memory());
    session.lastStep = step.at();
    session.turns += step.exported().size();
    export(session, step.exported());
    step.queued().forEach(ref -> batches.put(ref.id(), ref));
  }

  private Session open(SessionKey key) {
    return sessions.computeIfAbsent(key, k -> new Session());
  }

  private void remember(Session session, String memory) {
    memoryChars += memory.length() - session.memory.length();
    session.memory = memory;
  }

  private void export(Session session, Collection<TurnKey> turns) {
    for (TurnKey turn : turns) {
      if (session.exported.add(turn)) {
        exported.merge(turn, 1, Integer::sum);
        exportedKeys++;
      }
    }
  }

  private void forget(SessionKey key) {
    Session session = sessions.remove(key);
    if (session == null) {
      return;
    }
    memoryChars -= session.memory.length();
    exportedKeys -= session.exported.size();
    for (TurnKey turn : session.exported) {
      exported.computeIfPresent(turn, (k, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
    }
  }

  private void consume(EventId id) {
    Event event = pending.remove(id);
    if (event != null) {
      count(event, -1);
    }
    declined.remove(id);
    recall(id);
  }

  private void recall(EventId id) {
    if (recent.add(id) && recent.size() > recentEvents) {
      recent.removeFirst();
    }
  }

  private void count(Event event, int sign) {
    pendingBytes += sign * event.body().size();
    if (event.body() instanceof EventBody.Inline inline) {
      inlineBytes += sign * inline.size();
    }
  }

  private void replace(BatchId batch, List<BatchRef> by) {
    if (!batches.containsKey(batch)) {
      return;
    }
    var next = new LinkedHashMap<BatchId, BatchRef>();
    batches.forEach(
        (id, ref) -> {
          if (id.equals(batch)) {
            by.forEach(part -> next.put(part.id(), part));
          } else {
            next.putIfAbsent(id, ref);
          }
        });
    batches = next;
  }

  /** About what a compaction would write. */
  long liveBytes() {
    synchronized (lock) {
      return inlineBytes
          + (long) pending.size() * EVENT_OVERHEAD_BYTES
          + (long) recent.size() * EVENT_ID_BYTES
          + (long) sessions.size() * SESSION_OVERHEAD_BYTES
          + (long) declined.size() * DECLINED_BYTES
          + memoryChars
          + exportedKeys * TURN_BYTES
          + (long) (batches.size() + buried.size()) * BATCH_BYTES;
    }
  }

  /**
   * Forgets sessions that have not stepped since {@code before} and wait for nothing. A paused one
   * stays: pausing was a wish.
   */
  int forgetIdle(Instant before) {
    synchronized (lock) {
      Set<SessionKey> waiting =
          batches.values().stream().map(BatchRef::session).collect(Collectors.toSet());
      buried.values().forEach(letter -> waiting.add(letter.ref().session()));
      List<SessionKey> idle =
          sessions.entrySet().stream()
              .filter(e -> e.getValue().lastStep.isBefore(before) && !e.getValue().paused)
              .map(Map.Entry::getKey)
              .filter(key -> !waiting.contains(key))
              .toList();
      idle.forEach(this::forget);
      return idle.size();
    }
  }

  /** All that a compacted segment has to hold, in an order that gives the same state again. */
  List<Fact> snapshot(Instant at) {
    synchronized (lock) {
      var facts = new ArrayList<Fact>();
      if (!recent.isEmpty()) {
        facts.add(new Fact.EventsRemembered(List.copyOf(recent)));
      }
      sessions.forEach((key, session) -> keep(facts, key, session));
      pending
          .values()
          .forEach(event -> facts.add(new Fact.Told(new Entry.EventAccepted(event), at)));
      declined.values().forEach(mark -> facts.add(new Fact.Told(mark, at)));
      for (BatchRef ref : batches.values()) {
        facts.add(new Fact.Told(new Entry.BatchesQueued(List.of(ref)), at));
      }
      buried.values().forEach(letter -> facts.add(new Fact.BuriedKept(letter)));
      return facts;
    }
  }

  private static void keep(List<Fact> facts, SessionKey key, Session session) {
    SessionRecord record = record(key, session);
    var turns = List.copyOf(session.exported);
    int from = 0;
    do {
      int to = Math.min(turns.size(), from + LIMIT_TURNS_PER_RECORD);
      facts.add(new Fact.SessionKept(record, turns.subList(from, to)));
      from = to;
    } while (from < turns.size());
  }

  private static SessionRecord record(SessionKey key, Session session) {
    return new SessionRecord(key, session.memory, session.paused, session.lastStep, session.turns);
  }

  @Override
  public List<Event> pendingEvents() {
    synchronized (lock) {
      return List.copyOf(pending.values());
    }
  }

  @Override
  public List<Entry.PromptDeclined> declinedPrompts() {
    synchronized (lock) {
      return List.copyOf(declined.values());
    }
  }

  @Override
  public int pendingEventCount() {
    synchronized (lock) {
      return pending.size();
    }
  }

  @Override
  public long pendingEventBytes() {
    synchronized (lock) {
      return pendingBytes;
    }
  }

  @Override
  public long pendingInlineBytes() {
    synchronized (lock) {
      return inlineBytes;
    }
  }

  @Override
  public boolean pending(EventId event) {
    synchronized (lock) {
      return pending.containsKey(event);
    }
  }

  @Override
  public boolean knows(EventId event) {
    synchronized (lock) {
      return pending.containsKey(event) || recent.contains(event);
    }
  }

  @Override
  public Optional<SessionRecord> session(SessionKey key) {
    synchronized (lock) {
      return Optional.ofNullable(sessions.get(key)).map(session -> record(key, session));
    }
  }

  @Override
  public Collection<SessionRecord> sessions() {
    synchronized (lock) {
      var all = new ArrayList<SessionRecord>(sessions.size());
      sessions.forEach((key, session) -> all.add(record(key, session)));
      return all;
    }
  }

  @Override
  public List<BatchRef> pendingBatches() {
    synchronized (lock) {
      return List.copyOf(batches.values());
    }
  }

  @Override
  public List<Buried> buried() {
    synchronized (lock) {
      return List.copyOf(buried.values());
    }
  }

  @Override
  public boolean exported(TurnKey turn) {
    synchronized (lock) {
      return exported.containsKey(turn);
    }
  }
}
