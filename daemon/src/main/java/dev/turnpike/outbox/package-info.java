/**
 * Owns the bodies of queued traces, their order, attempts and backoff, dead letters, and the
 * history of what was sent or kept here. Takes in sealed traces and the results of sending; gives
 * out batches.
 */
@NullMarked
package dev.turnpike.outbox;

import org.jspecify.annotations.NullMarked;
