package dev.turnpike.agent;

/**
 * What the worker knows of a session besides its events and lines, when it asks an assembler what is finished.
 *
 * @param agentGone the agent's process has ended and its files have been quiet since
 * @param idle nothing was heard or read for {@code TURNPIKE_TURN_IDLE}
 * @param patient the first looks after a hint that something ended are over: what is not on disk by now may never come
 */
public record Circumstances(boolean agentGone, boolean idle, boolean patient) {
  public static final Circumstances ORDINARY = new Circumstances(false, false, false);
}
