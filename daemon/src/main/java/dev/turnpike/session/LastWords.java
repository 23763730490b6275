package dev.turnpike.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What may still come when the agent's process has ended, or another has taken the session up: rows
 * of its files, and what hook clients left in the spool. A turn must not be closed as interrupted
 * before that was heard: the end of it may be among them, or the word that another process took the
 * session up, and the rows are its. Owned by one worker.
 */
final class LastWords {
  private final InstantSource ticks;
  private final Moments moments;
  private final SpoolOnce spool;

  LastWords(InstantSource ticks, Moments moments, Supplier<CompletableFuture<Instant>> takeSpool) {
    this.ticks = ticks;
    this.moments = moments;
    this.spool = new SpoolOnce(takeSpool);
  }

  /** Rows were read: hooks that fired before them may be in the spool by now. */
  void again() {
    spool.again();
  }

  /**
   * How long to wait at least before the process counts as gone; empty if there is nothing to wait
   * for.
   *
   * @param left it has ended while something was open, or another process speaks for it now
   */
  Optional<Duration> wait(boolean left) {
    if (!left) {
      again(); // what it leaves comes later
      return Optional.empty();
    }
    return longer(moments.grace(), SpoolOnce.untilTold(spool.get(), ticks));
  }

  private static Optional<Duration> longer(Optional<Duration> one, Optional<Duration> other) {
    return Stream.of(one, other).flatMap(Optional::stream).max(Comparator.naturalOrder());
  }
}
