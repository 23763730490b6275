/**
 * Owns sending: the contract of an exporter, the loop that delivers each destination's batches, and
 * what exporters share (OTLP encoding, HTTP, the meaning of a status). Takes in batches of the
 * outbox and the keys of their destinations; gives out the result of each attempt.
 */
@NullMarked
package dev.turnpike.export;

import org.jspecify.annotations.NullMarked;
