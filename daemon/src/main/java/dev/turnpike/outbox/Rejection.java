package dev.turnpike.outbox;

import dev.turnpike.model.SpanId;

/**
 * One span of a batch that the destination did not take.
 *
 * @param permanent the same input gets the same answer: bury it; else it is tried again
 */
public record Rejection(SpanId span, String reason, boolean permanent) {}
