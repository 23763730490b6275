package dev.turnpike.journal;

import java.time.Duration;

/**
 * The journal's limits.
 *
 * @param segmentBytes a segment that has grown to this is closed and a new one begun
 * @param recordBytes longest record; an entry above it is refused, a length above it in a file is
 *     damage
 * @param forceWithin an appended entry is on the disk at latest this long after it was written
 * @param compactAboveBytes dead bytes below this are never worth a compaction
 * @param queuedEntries entries waiting for the writer; beyond it they are refused
 * @param sessionIdle sessions without a step for this long are forgotten at a compaction
 * @param recentEvents ids of consumed events that are remembered against repeats
 */
public record JournalLimits(
    long segmentBytes,
    int recordBytes,
    Duration forceWithin,
    long compactAboveBytes,
    int queuedEntries,
    Duration sessionIdle,
    int recentEvents) {
  private static final int MIB = 1024 * 1024;

  public static final JournalLimits STANDARD =
      new JournalLimits(
          4L * MIB, 8 * MIB, Duration.ofMillis(200), 4L * MIB, 25_000, Duration.ofDays(90), 8192);
}
