package dev.turnpike.privacy;

import dev.turnpike.model.Trace;

/**
 * A trace that went through {@link Privacy}. Nothing else can make one, and the outbox takes
 * nothing else.
 */
public final class SealedTrace {
  private final Trace trace;

  SealedTrace(Trace trace) {
    this.trace = trace;
  }

  public Trace trace() {
    return trace;
  }
}
