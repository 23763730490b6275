package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.Trace;

/** A batch with its body. */
public record Batch(BatchRef ref, Trace trace) {}
