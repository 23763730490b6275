package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BeatTest {
  private static final Duration TEN = Duration.ofSeconds(10);
  private static final Duration THIRTY = Duration.ofSeconds(30);

  @Test
  void whoeverAsksWhenMeetsTheOthersAtTheLongestInterval() {
    for (long now = 0; now < THIRTY.toNanos(); now += 777_777_777) {
      Duration wait = Beat.untilNext(TEN, now);
      assertTrue(wait.isPositive() && wait.compareTo(TEN) <= 0, wait + " from " + now);
      assertEquals(0, (now + wait.toNanos()) % TEN.toNanos());
      assertEquals(THIRTY.toNanos(), now + Beat.untilNext(THIRTY, now).toNanos());
    }
  }

  @Test
  void atTheVeryMomentItIsTheNextOne() {
    assertEquals(TEN, Beat.untilNext(TEN, THIRTY.toNanos()));
    assertEquals(TEN.minusNanos(1), Beat.untilNext(TEN, THIRTY.toNanos() + 1));
  }
}
