package dev.turnpike.inbox;

/**
 * What a look into the spool did.
 *
 * @param accepted files taken over, repeats included
 * @param declined files removed because tracing is off or refused for them
 * @param bad files set aside
 * @param left files still there because the inbox is full or the disk failed
 */
public record Drained(int accepted, int declined, int bad, int left) {}
