package dev.turnpike.journal;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceId;
import java.time.Instant;

/**
 * A queued body: what it is and where it goes.
 *
 * @param bytes size of the body's file (compressed)
 */
public record BatchRef(
    BatchId id,
    DestinationId destination,
    SessionKey session,
    TraceId trace,
    int spans,
    long bytes,
    Instant staged) {}
