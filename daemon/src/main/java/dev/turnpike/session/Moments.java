package dev.turnpike.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * When a session was last heard of and grew, and for how long it has been quiet. Lives as long as
 * its worker; owned by it.
 */
final class Moments {
  private static final Duration GONE_GRACE = Duration.ofSeconds(1);
  private static final Duration LEAST_QUIET = Duration.ofSeconds(1);

  private final InstantSource clock;
  private final InstantSource ticks;
  private final Instant born;

  /** How far the clock was ahead of the ticks when something last happened. */
  private Duration ahead;

  private Instant heard = Instant.EPOCH;
  private Instant arrived = Instant.EPOCH;
  private Instant grown = Instant.EPOCH;

  /**
   * @param ticks for how long files have been quiet; {@code clock} for what events and files say
   */
  Moments(InstantSource clock, InstantSource ticks) {
    this.clock = clock;
    this.ticks = ticks;
    this.born = clock.instant();
    this.ahead = aheadNow();
  }

  private Duration aheadNow() {
    return Duration.between(ticks.instant(), clock.instant());
  }

  /** An event came in, for the first time. */
  void arrived() {
    arrived = clock.instant();
    ahead = aheadNow();
  }

  /**
   * @param at when the event was sent, by its own clock
   */
  void heard(Instant at) {
    if (at.isAfter(heard)) {
      heard = at;
    }
  }

  /** Rows were read. */
  void grew() {
    grown = ticks.instant();
    ahead = aheadNow();
  }

  /** How long files have to be quiet yet before a process that ended counts as gone. */
  Optional<Duration> grace() {
    Duration left = GONE_GRACE.minus(Duration.between(grown, ticks.instant()));
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }

  /**
   * For how long nothing was heard or read. What lay in the spool counts from its arrival, and what
   * neither a file nor an event dates counts from this worker's beginning: otherwise a restart
   * would close a turn that is only just running. A clock that was set, or a machine that slept,
   * since anything happened is no time in which an agent was quiet: it slept too.
   *
   * @param modified when a followed file last changed, the epoch if there is none
   */
  Duration quiet(Instant modified) {
    Instant last =
        Stream.of(heard, arrived, modified)
            .max(Comparator.naturalOrder())
            .filter(Instant.EPOCH::isBefore)
            .orElse(born);
    Duration leapt = aheadNow().minus(ahead);
    return Duration.between(last, clock.instant()).minus(leapt);
  }

  /**
   * Whether it was quiet for {@code limit}, and for a second at least. Most looks are because
   * something happened just now: then the limit is not asked for, which costs a look at settings.
   */
  boolean quietFor(Instant modified, Supplier<Duration> limit) {
    Duration quiet = quiet(modified);
    return quiet.compareTo(LEAST_QUIET) >= 0 && quiet.compareTo(limit.get()) >= 0;
  }
}
