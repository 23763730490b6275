/**
 * Spans by the GenAI semantic conventions of OpenTelemetry, made into our own observations: which
 * spans of a trace are one turn, what was said and used in them. What adapters of agents that emit
 * such spans have in common.
 */
@NullMarked
package dev.turnpike.genai;

import org.jspecify.annotations.NullMarked;
