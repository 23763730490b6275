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
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
  private final LinkedHashMap<SessionKey, LinkedHashMap<Optional<String>, Mark>> waiting =
      new LinkedHashMap<>();

  /** The one made last, of each session. */
  private final LinkedHashMap<SessionKey, Mark> last = new LinkedHashMap<>();

  /**
   * A prompt that must not be sent.
   *
   * @param id of its entry in the journal
   * @param written done when that is on the disk
   */
  record Mark(EventId id, Optional<String> prompt, CompletableFuture<Void> written) {
    static Mark of(Entry.PromptDeclined read) {
      return new Mark(read.id(), read.prompt(), CompletableFuture.completedFuture(null));
    }
  }

  Declines(Journal journal) {
    this.journal = journal;
  }

  /**
   * The mark that this prompt has already. Empty if there is none or it could not be written: then
   * this call has to bring one.
   */
  Optional<Mark> marked(SessionKey key, Optional<String> prompt) {
    var unknown = waiting.getOrDefault(key, new LinkedHashMap<>());
    return Stream.of(Optional.ofNullable(last.get(key)), Optional.ofNullable(unknown.get(prompt)))
        .flatMap(Optional::stream)
        .filter(mark -> mark.prompt().equals(prompt) && !mark.written().isCompletedExceptionally())
        .findFirst();
  }

  /**
   * A new mark, forced to the disk: an event may be lost with the power, but what a user kept from
   * us may not be sent for it. The memory of it is the caller's.
   */
  Mark mark(EventId id, SessionKey key, Optional<String> prompt) {
    var entry = new Entry.PromptDeclined(id, key, prompt);
    var mark = new Mark(id, prompt, journal.commit(entry));
    last.put(key, mark);
    if (last.size() > LIMIT_SESSIONS) {
      last.pollFirstEntry();
    }
    return mark;
  }

  /** Nothing of the session is in the journal any more. */
  void forget(SessionKey key) {
    last.remove(key);
    waiting.remove(key);
  }

  /** Something traced was heard of the session since: its next declined call is another matter. */
  void traced(SessionKey key) {
    last.remove(key);
  }

  void keep(SessionKey key, Mark mark) {
    var of = waiting.computeIfAbsent(key, same -> new LinkedHashMap<>());
    of.put(mark.prompt(), mark);
    var gone = new ArrayList<Mark>();
    if (of.size() > LIMIT_PROMPTS) {
      gone.add(of.pollFirstEntry().getValue());
    }
    if (waiting.size() > LIMIT_SESSIONS) {
      gone.addAll(waiting.pollFirstEntry().getValue().values());
    }
    if (!gone.isEmpty()) {
      Set<EventId> ids = gone.stream().map(Mark::id).collect(Collectors.toSet());
      var _ = journal.append(new Entry.EventsDropped(ids, "declined.many"));
    }
  }

  /** Those of the session, which are then its worker's. */
  List<Mark> take(SessionKey key) {
    Map<Optional<String>, Mark> of = waiting.remove(key);
    return of == null ? List.of() : List.copyOf(of.values());
  }
}
