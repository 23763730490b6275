package dev.turnpike.privacy;

import dev.turnpike.model.Trace;

/** A trace that went through the privacy rules. */
public final class SealedTrace {
  private final Trace trace;

  SealedTrace(Trace trace) {
    this.trace = trace;
  }

  public Trace trace() {
    return trace;
  }
}
