package dev.turnpike.outbox;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import java.time.Instant;

/**
 * One body of the history.
 *
 * @param traceIdPrefix first 16 hex digits of the trace's id
 * @param destination where it was sent; {@link DestinationId#LOCAL} if it was only kept here
 * @param staged when it was queued
 */
public record HistoryEntry(
    BatchId id, String traceIdPrefix, DestinationId destination, Instant staged, long bytes) {
  public boolean sent() {
    return !destination.local();
  }
}
