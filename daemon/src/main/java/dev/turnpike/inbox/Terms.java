package dev.turnpike.inbox;

import dev.turnpike.model.DestinationId;

/** What the settings say about an event, judged when it arrives (or is found in the spool). */
public sealed interface Terms {
  record Traced(DestinationId destination) implements Terms {}

  /** Tracing is off for this call: nothing of it is kept. */
  record Off() implements Terms {}

  /**
   * It cannot be traced as configured, e.g. swapped keys, or a destination that is not among the
   * known ones.
   */
  record Refused(String reason) implements Terms {}

  /**
   * It cannot be judged now, e.g. the disk takes no credentials: the client or the spool keeps it.
   */
  record Later(String reason) implements Terms {}
}
