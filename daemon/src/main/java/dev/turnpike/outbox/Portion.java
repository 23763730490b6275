package dev.turnpike.outbox;

import dev.turnpike.model.Trace;

/**
 * A trace, or a part of one, and the body it goes into.
 *
 * @param body compressed
 */
record Portion(Trace trace, byte[] body) {}
