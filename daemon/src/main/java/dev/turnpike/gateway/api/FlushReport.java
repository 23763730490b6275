package dev.turnpike.gateway.api;

/**
 * How far a flush came.
 *
 * @param complete everything that can be closed is closed and everything queued was sent or parked
 * @param openTurns turns that are still running; a flush does not close them
 */
public record FlushReport(
    boolean complete,
    long waitedMillis,
    long closedTurns,
    long sentBatches,
    long sentSpans,
    long pendingEvents,
    long pendingBatches,
    long parkedBatches,
    long openTurns)
    implements Report {}
