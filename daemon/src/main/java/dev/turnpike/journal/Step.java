package dev.turnpike.journal;

import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What one step of a session changes. Written as one checksummed record: all of it, or none of it.
 *
 * @param memory JSON text that only the session's worker understands; replaces the former one
 * @param queued batches whose bodies the outbox has staged; they become true with this step
 * @param exported turns whose traces are in {@code queued} or were declined: never to be exported
 *     again
 */
public record Step(
    SessionKey session,
    Instant at,
    Set<EventId> consumed,
    String memory,
    List<BatchRef> queued,
    Set<TurnKey> exported) {
  public Step {
    consumed = Set.copyOf(consumed);
    queued = List.copyOf(queued);
    exported = Set.copyOf(exported);
  }
}
