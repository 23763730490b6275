package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MomentsTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private Instant now = Instant.parse("2026-11-21T10:00:00Z");
  private Duration asleep = Duration.ZERO;
  private final Moments moments = new Moments(() -> now, () -> now.minus(asleep));

  /** The wall clock goes on, or is set; what waits are measured with does not see it. */
  private void leap(Duration by) {
    now = now.plus(by);
    asleep = asleep.plus(by);
  }

  @Test
  void aMachineThatSleptInTheMiddleOfATurnWasNotAQuietAgent() {
    moments.arrived();
    moments.grew();
    Instant written = now;
    leap(HOUR);
    now = now.plusSeconds(5);
    assertEquals(Duration.ofSeconds(5), moments.quiet(written));
    now = now.plus(HOUR);
    assertEquals(HOUR.plusSeconds(5), moments.quiet(written), "awake and quiet counts");
  }

  @Test
  void aClockThatIsSetBackDoesNotKeepATurnOpen() {
    moments.arrived();
    Instant written = now;
    leap(HOUR.negated());
    now = now.plus(HOUR);
    assertEquals(HOUR, moments.quiet(written));
  }

  @Test
  void whatHappensAfterTheSleepIsMeasuredFromThere() {
    moments.arrived();
    leap(HOUR);
    moments.arrived();
    now = now.plusSeconds(7);
    assertEquals(Duration.ofSeconds(7), moments.quiet(Instant.EPOCH));
  }

  @Test
  void whatNothingDatesIsQuietSinceTheWorkerBegan() {
    assertEquals(Duration.ZERO, moments.quiet(Instant.EPOCH));
    now = now.plus(HOUR);
    assertEquals(HOUR, moments.quiet(Instant.EPOCH));
  }

  @Test
  void aFileThatRestedLongIsQuietAlsoForANewWorker() {
    assertEquals(HOUR, moments.quiet(now.minus(HOUR)));
  }

  @Test
  void theLimitIsAskedForOnlyWhereItMayBePassed() {
    moments.arrived();
    now = now.plusMillis(999);
    assertFalse(moments.quietFor(Instant.EPOCH, () -> fail("asked")));
    now = now.plusMillis(1);
    assertTrue(moments.quietFor(Instant.EPOCH, () -> Duration.ofMillis(10)));
    assertFalse(moments.quietFor(Instant.EPOCH, () -> HOUR));
    now = now.plus(HOUR);
    assertTrue(moments.quietFor(Instant.EPOCH, () -> HOUR));
  }

  @Test
  void anEventOutOfTheSpoolCountsFromItsArrival() {
    moments.arrived();
    moments.heard(now.minus(HOUR));
    assertEquals(Duration.ZERO, moments.quiet(Instant.EPOCH));
  }

  @Test
  void looksGoOnForFiveSecondsAfterAnAnnouncement() {
    var patience = new Patience(() -> now);
    assertEquals(Optional.empty(), patience.next());
    patience.begin();
    assertEquals(Optional.of(Duration.ofMillis(25)), patience.next());
    now = now.plusMillis(30);
    assertEquals(Optional.of(Duration.ofMillis(45)), patience.next());
    now = now.plusSeconds(5);
    assertEquals(Optional.empty(), patience.next());
  }

  @Test
  void rowsThatStillComeLendADeadAgentASecond() {
    assertEquals(Optional.empty(), moments.grace());
    moments.grew();
    assertTrue(moments.grace().isPresent());
    now = now.plusSeconds(1);
    assertEquals(Optional.empty(), moments.grace());
  }
}
