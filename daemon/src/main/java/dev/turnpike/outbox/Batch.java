package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Trace;

/** A batch with its body. */
public record Batch(BatchRef ref, Trace trace) {
  public BatchId id() {
    return ref.id();
  }

  public DestinationId destination() {
    return ref.destination();
  }
}
