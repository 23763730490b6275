package dev.turnpike.agent;

import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;

/**
 * For agents that emit OpenTelemetry: which spans are theirs. Called by the receiver for every
 * request; must be quick and never throw.
 */
public interface Emitter {
  /** Whether spans of this source are this agent's. */
  boolean owns(Source source);

  /**
   * The agent's own id of the conversation a span belongs to; empty if it names none. If no span of
   * a trace does, the trace is a session of its own.
   */
  String session(Source source, Span span);

  /** Whether an attribute is worth its place in the inbox: some repeat kilobytes in every span. */
  boolean keeps(String attribute);
}
