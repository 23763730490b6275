/**
 * Adapter for whatever emits OpenTelemetry by the GenAI conventions and has no adapter of its own.
 * Spans come in, from the receiver's path {@code /otel}; turns go out. It reads no files and knows
 * no hooks.
 */
@NullMarked
package dev.turnpike.agent.otel;

import org.jspecify.annotations.NullMarked;
