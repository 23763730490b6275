package dev.turnpike.agent;

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
   * Not what this agent sends: empty, not JSON, no session id. {@code reason} is a counter's name.
   */
  record Malformed<S extends Signal>(String reason) implements Interpretation<S> {}
}
