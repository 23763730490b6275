package dev.turnpike.journal;

import java.time.Instant;

/** A dead letter: its body is kept, so that it can be looked at and revived. */
public record Buried(BatchRef ref, String reason, Instant at) {}
