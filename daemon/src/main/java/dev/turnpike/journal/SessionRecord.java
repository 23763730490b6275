package dev.turnpike.journal;

import dev.turnpike.model.SessionKey;
import java.time.Instant;

/**
 * What is known of a session.
 *
 * @param memory the latest step's JSON text; empty if the session was paused before its first step
 * @param lastStep when it last stepped, or was paused or resumed
 * @param turns how many turns were exported
 */
public record SessionRecord(
    SessionKey key, String memory, boolean paused, Instant lastStep, int turns) {}
