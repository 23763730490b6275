package dev.turnpike.journal;

import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TurnKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What the journal's entries amount to. Every call answers from the state of that moment, with a
 * copy; an entry is visible once it was written (append) or forced (commit). Safe for all threads.
 */
public interface JournalView {
  /** Accepted and neither consumed nor dropped, in order of acceptance. */
  List<Event> pendingEvents();

  /** Marks that no step accounts for yet, oldest first. */
  List<Entry.PromptDeclined> declinedPrompts();

  int pendingEventCount();

  /** Bytes of the pending events' bodies, spilled ones included. */
  long pendingEventBytes();

  /** Bytes of those bodies that lie in memory. */
  long pendingInlineBytes();

  boolean pending(EventId event);

  /** Pending, or among the last few thousand that were consumed or dropped. */
  boolean knows(EventId event);

  Optional<SessionRecord> session(SessionKey session);

  Collection<SessionRecord> sessions();

  /** In the order in which they are to be sent. */
  List<BatchRef> pendingBatches();

  /** Dead letters, oldest first. */
  List<Buried> buried();

  boolean exported(TurnKey turn);
}
