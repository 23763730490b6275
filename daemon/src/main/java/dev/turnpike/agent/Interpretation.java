package dev.turnpike.agent;

import dev.turnpike.model.AgentId;

/** The outcome of reading an event's payload. */
public sealed interface Interpretation<S extends Signal> {
  /** It concerns a session. */
  record Understood<S extends Signal>(S signal) implements Interpretation<S> {}

  /**
   * Well-formed but of no use to us; {@code reason} is a counter's name such as {@code
   * event.MessageDisplay}.
   */
  record Ignored<S extends Signal>(String reason) implements Interpretation<S> {}

  /**
   * Another agent's: it ran a hook that it found in this one's settings. Goes to that agent's
   * adapter if there is one; else it counts as {@code event.foreign.<agent>}.
   */
  record Foreign<S extends Signal>(AgentId owner) implements Interpretation<S> {}

  /**
   * Not what this agent sends: empty, not JSON, no session id. {@code reason} is a counter's name.
   */
  record Malformed<S extends Signal>(String reason) implements Interpretation<S> {}
}
