/**
 * Owns the append-only log of durable facts and everything rebuilt from it. Takes in entries (an
 * accepted event, a step of a session, the fate of a batch); gives out views of what is pending,
 * known and exported.
 */
@NullMarked
package dev.turnpike.journal;

import org.jspecify.annotations.NullMarked;
