package dev.turnpike.session;

import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Prompts for which tracing was off. Each has one mark in the journal before the caller is
 * answered, so that no kill can have it sent later; however many calls of one prompt there are.
 *
 * <p>Marks of sessions of which nothing traced was heard yet wait here, the oldest are dropped
 * first. Owned by the router's thread.
 */
final class Declines {
  private static final int LIMIT_SESSIONS = 256;
  private static final int LIMIT_PROMPTS = 256;

  private final Journal journal;

  /** Of sessions that are not known yet. */
  private final LinkedHashMap<SessionKey, LinkedHashMap<Optional<String>, EventId>> waiting =
      new LinkedHashMap<>();

  /** The prompt that was declined last, of sessions that are known. */
  private final LinkedHashMap<SessionKey, Optional<String>> last = new LinkedHashMap<>();

  /** A prompt that must not be sent, and its mark. */
  record Mark(EventId id, Optional<String> prompt) {}

  Declines(Journal journal) {
    this.journal = journal;
  }

  /** Whether that prompt has its mark already. */
  boolean marked(SessionKey key, Optional<String> prompt) {
    return prompt.equals(last.get(key))
        || waiting.getOrDefault(key, new LinkedHashMap<>()).containsKey(prompt);
  }

  /** Completes when the mark survives this process; the memory of it is the caller's. */
  CompletableFuture<Void> mark(EventId id, SessionKey key, Optional<String> prompt) {
    return journal.append(new Entry.PromptDeclined(id, key, prompt));
  }

  /** The session is known: its worker has the mark. */
  void handed(SessionKey key, Optional<String> prompt) {
    last.put(key, prompt);
    if (last.size() > LIMIT_SESSIONS) {
      last.pollFirstEntry();
    }
  }

  /** Something traced was heard of the session since: its next declined call is another matter. */
  void traced(SessionKey key) {
    last.remove(key);
  }

  void keep(SessionKey key, Mark mark) {
    var of = waiting.computeIfAbsent(key, same -> new LinkedHashMap<>());
    of.putIfAbsent(mark.prompt(), mark.id());
    var gone = new ArrayList<EventId>();
    if (of.size() > LIMIT_PROMPTS) {
      gone.add(of.pollFirstEntry().getValue());
    }
    if (waiting.size() > LIMIT_SESSIONS) {
      gone.addAll(waiting.pollFirstEntry().getValue().values());
    }
    if (!gone.isEmpty()) {
      var _ = journal.append(new Entry.EventsDropped(Set.copyOf(gone), "declined.many"));
    }
  }

  /** Those of the session, which are then its worker's. */
  List<Mark> take(SessionKey key) {
    Map<Optional<String>, EventId> of = waiting.remove(key);
    return of == null
        ? List.of()
        : of.entrySet().stream().map(e -> new Mark(e.getValue(), e.getKey())).toList();
  }
}
