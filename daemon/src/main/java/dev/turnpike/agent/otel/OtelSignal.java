package dev.turnpike.agent.otel;

import dev.turnpike.agent.Signal;
import dev.turnpike.model.SessionId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Spans of one trace.
 *
 * @param prompt the trace: it is a turn
 */
record OtelSignal(SessionId session, Moment moment, Optional<String> prompt) implements Signal {
  /** Spans name no process that could be watched. */
  @Override
  public OptionalLong agentPid() {
    return OptionalLong.empty();
  }
}
