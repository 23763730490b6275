package dev.turnpike.journal;

import dev.turnpike.model.EventId;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import java.util.List;

/**
 * What a record of a segment holds: an entry as it was told, or, in a compacted segment, what
 * remains of many.
 */
sealed interface Fact {
  record Told(Entry entry, Instant at) implements Fact {}

  /**
   * A session as of the compaction. One with very many exported turns takes several records; memory
   * and turns are the same in each.
   */
  record SessionKept(SessionRecord session, List<TurnKey> exported) implements Fact {}

  /** Ids of events consumed before the compaction, oldest first. */
  record EventsRemembered(List<EventId> events) implements Fact {}

  record BuriedKept(Buried buried) implements Fact {}
}
