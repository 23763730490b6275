package dev.turnpike.index;

import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Level;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceId;
import java.time.Instant;
import java.util.Optional;

/**
 * One line of a listing.
 *
 * @param status a short word: queued, sent, kept, dead
 */
public record TraceSummary(
    TraceId id,
    SessionKey session,
    String name,
    Instant start,
    Instant end,
    Level level,
    int generations,
    int toolCalls,
    long tokens,
    Optional<Double> costUsd,
    DestinationId destination,
    String status) {}
