package dev.turnpike.session;

import dev.turnpike.agent.Finished;
import dev.turnpike.model.EventId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Something finished that is not committed yet: a turn waits here for the word of its prompt's own
 * hooks, and history for that of hooks that were called before the first one we heard.
 *
 * <p>Rows can be read before the hooks of their prompt are told: these may lie in the spool of a
 * daemon that was away, or be on their way on a crowded machine. Without waiting, a turn for which
 * tracing was off would go out under the terms of the turn before, and one for which it was on
 * would be lost after one for which it was off. When the spool was taken over and a little more
 * time has passed there are none: the terms of the session's latest event hold.
 *
 * <p>In the same way the first hook that is heard need not be the first that was called. What lies
 * before it is no history if an earlier one was in the spool.
 *
 * @param taken the events whose facts are in its memory: they are consumed with it, later ones not
 * @param premature history, as far as it can be told before the spool was: it is to be found again
 * @param spoolTaken when what hook clients had left was told; never, if nobody needs to know
 */
record Held(
    Finished finished,
    Set<EventId> taken,
    boolean premature,
    CompletableFuture<Instant> spoolTaken) {
  Held {
    taken = Set.copyOf(taken);
  }

  /**
   * @param spoolHeard what hook clients had left was told since the session was first heard of
   */
  static Held of(
      Finished finished,
      Set<EventId> taken,
      SessionMemory memory,
      boolean spoolHeard,
      Supplier<CompletableFuture<Instant>> takeSpool) {
    boolean history = finished instanceof Finished.Skipped skipped && skipped.isHistory();
    boolean premature = history && !spoolHeard;
    boolean known = !premature && consentKnown(finished, memory);
    return new Held(
        finished, taken, premature, known ? new CompletableFuture<>() : takeSpool.get());
  }

  /** How long to wait at least; empty: it can be committed. */
  Optional<Duration> wait(SessionMemory memory, InstantSource ticks) {
    return !premature && consentKnown(finished, memory)
        ? Optional.empty()
        : SpoolOnce.untilTold(spoolTaken, ticks);
  }

  private static boolean consentKnown(Finished finished, SessionMemory memory) {
    return !(finished instanceof Finished.ClosedTurn turn)
        || turn.facts().prompt().map(memory::hasTerms).orElse(true);
  }
}
