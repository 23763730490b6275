package dev.turnpike.session;

import dev.turnpike.agent.Memory;
import dev.turnpike.agent.Signal;
import dev.turnpike.model.EventId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a worker was told and no step accounts for yet. If something fails it is all told again, to
 * an assembler that stands where the last step left it. Owned by the worker; only {@link #count} is
 * for others too.
 */
final class Unaccounted<S extends Signal> {
  private static final int CHECKPOINT_EVENTS = 64;
  private static final long CHECKPOINT_BYTES = 1024 * 1024;

  private final Map<EventId, Mail.Told<S>> events = new LinkedHashMap<>();

  /** Prompts that must not be sent, by their marks in the journal. */
  private final Map<EventId, Optional<String>> declined = new HashMap<>();

  /** Of the events, what the last step left for an open turn: its content lies nowhere else. */
  private Set<EventId> needed = Set.of();

  /** Events no assembler can take; consumed with the next step all the same. */
  private final Set<EventId> unbearable = new HashSet<>();

  private volatile int count;

  /** False: it was told before. */
  boolean add(Mail.Told<S> told) {
    boolean isNew = events.putIfAbsent(told.event().id(), told) == null;
    count = events.size();
    return isNew;
  }

  void decline(EventId mark, Optional<String> prompt) {
    declined.put(mark, prompt);
  }

  void unbearable(EventId event) {
    unbearable.add(event);
  }

  boolean isUnbearable(EventId event) {
    return unbearable.contains(event);
  }

  /** In the order in which they came. */
  List<Mail.Told<S>> events() {
    return List.copyOf(events.values());
  }

  List<Optional<String>> declinedPrompts() {
    return List.copyOf(declined.values());
  }

  /** Events, as of a moment ago. From any thread. */
  int count() {
    return count;
  }

  /** Whether a step could account for an event. */
  boolean consumable() {
    return !needed.containsAll(events.keySet());
  }

  /** An open turn's events that only this worker and the inbox hold. */
  boolean holdsContent() {
    return !needed.isEmpty();
  }

  /** The events a step with that memory takes: all but those an open turn must be told of again. */
  Set<EventId> takenWith(Memory memory) {
    var taken = new HashSet<EventId>(events.keySet());
    taken.removeAll(memory.needed());
    return taken;
  }

  /** What a step consumes that takes those events: every mark is in the memory it writes. */
  Set<EventId> consumedWith(Set<EventId> taken) {
    var consumed = new HashSet<EventId>(taken);
    consumed.addAll(declined.keySet());
    return consumed;
  }

  void settled(Set<EventId> taken, Memory memory) {
    events.keySet().removeAll(taken);
    count = events.size();
    unbearable.removeAll(taken);
    declined.clear();
    needed = memory.needed();
  }

  /**
   * So many wait, or so large ones, that a step for their sake is worth it: bodies in files are
   * few, but the inbox has room for a dozen of the largest, and a turn may go on for hours.
   */
  boolean many() {
    long bytes = 0;
    long waiting = 0;
    for (Mail.Told<S> told : events.values()) {
      if (needed.contains(told.event().id())) {
        continue;
      }
      waiting++;
      bytes += told.event().body().size();
    }
    return waiting >= CHECKPOINT_EVENTS || bytes >= CHECKPOINT_BYTES;
  }
}
