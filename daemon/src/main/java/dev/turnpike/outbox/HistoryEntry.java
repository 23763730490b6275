package dev.turnpike.outbox;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * One body of the history.
 *
 * @param traceIdPrefix first 16 hex digits of the trace's id
 * @param destination where it was sent; {@link DestinationId#LOCAL} if it was only kept here
 * @param staged when it was queued
 */
public record HistoryEntry(
    BatchId id, String traceIdPrefix, DestinationId destination, Instant staged, long bytes) {
  static final int TRACE_DIGITS = 16;

  public boolean sent() {
    return !destination.local();
  }

  /** Empty for a file that is not the history's, which stays where it is. */
  static Optional<HistoryEntry> of(Path file, long size) {
    String name = file.getFileName().toString();
    if (!name.endsWith(Bodies.BODY)) {
      return Optional.empty();
    }
    String[] parts = name.substring(0, name.length() - Bodies.BODY.length()).split("_", -1);
    try {
      if (parts.length != 3 || parts[1].length() < TRACE_DIGITS) {
        return Optional.empty();
      }
      return Optional.of(
          new HistoryEntry(
              new BatchId(parts[1]),
              parts[1].substring(0, TRACE_DIGITS),
              new DestinationId(parts[2]),
              Instant.ofEpochMilli(Long.parseLong(parts[0])),
              size));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
