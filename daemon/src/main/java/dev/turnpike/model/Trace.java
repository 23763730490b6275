package dev.turnpike.model;

import java.util.List;

/**
 * The record of a turn, or a later part of it: a span is final when it is here, and it is here
 * once. Background work that ends after the turn comes as a further {@code Trace} with the same id
 * and context and without a root.
 */
public record Trace(TraceId id, TraceContext context, List<Observation> observations) {
  public Trace {
    observations = List.copyOf(observations);
    if (observations.isEmpty()) {
      throw new IllegalArgumentException("a trace without observations");
    }
  }

  /** Whether the turn's own span is in this part. */
  public boolean hasRoot() {
    return observations.stream().anyMatch(o -> o.frame().parent() == null);
  }
}
