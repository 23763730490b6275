/**
 * Owns the destination of traces while no keys are set: this machine. Takes in batches; gives out
 * that they are kept, upon which the outbox moves their bodies to its history.
 */
@NullMarked
package dev.turnpike.export.local;

import org.jspecify.annotations.NullMarked;
