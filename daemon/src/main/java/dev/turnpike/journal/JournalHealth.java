package dev.turnpike.journal;

import java.util.Optional;

/**
 * How the journal does, for {@code status}.
 *
 * @param ok false from a failed write or force until one succeeds
 * @param problem the last failure, in words, while not ok
 * @param bytes size of all segments; {@code liveBytes} is about what a compaction would keep
 * @param badSegments segments set aside as {@code .bad} because of damage, as found in the
 *     directory
 * @param damagedRecords records of them that could not be read, since this start
 * @param rewrites how often all of it was written again because somebody had removed segments
 * @param cutBytes bytes cut from the last segment's torn tail at this start
 */
public record JournalHealth(
    boolean ok,
    Optional<String> problem,
    int segments,
    long bytes,
    long liveBytes,
    int badSegments,
    long damagedRecords,
    long cutBytes,
    long failedWrites,
    long compactions,
    long rewrites,
    long lastSequence) {}
