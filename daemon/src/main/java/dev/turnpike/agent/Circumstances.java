package dev.turnpike.agent;

/**
 * What the worker knows of a session besides its events and lines, when it asks an assembler what
 * is finished.
 *
 * @param caughtUp every followed file has been read to its present end. If not, a long file is
 *     being read in slices: only what a later row has closed (a next opening row) is final, never
 *     what merely ended
 * @param agentGone the agent's process has ended and its files have been quiet since
 * @param idle nothing was heard or read for {@code TURNPIKE_TURN_IDLE}
 * @param patient the first looks after a hint that something ended are over: what is not on disk by
 *     now may never come
 * @param heard what hook clients had left when the assembler asked for it ({@link
 *     TurnAssembler#awaitingSpool}) was told; never true before it asked
 */
public record Circumstances(
    boolean caughtUp, boolean agentGone, boolean idle, boolean patient, boolean heard) {
  public static final Circumstances ORDINARY = new Circumstances(true, false, false, false, false);
}
