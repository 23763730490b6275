package dev.turnpike.config;

/** Where the turns of some call go. */
public sealed interface Target {
  /** No keys are set: finished traces stay on this machine. */
  record Local() implements Target {}

  record Remote(Destination destination, Credentials credentials) implements Target {}

  /**
   * Keys or address are wrong. The turns are kept on this machine like those of {@link Local}, so
   * that nothing is lost and nothing goes to a wrong place.
   *
   * @param problem what is wrong and what to do about it, in one line without secrets
   */
  record Unusable(String problem) implements Target {}
}
