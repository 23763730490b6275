package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.platform.Ticks;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private Instant wall = Instant.parse("2026-11-21T10:00:00Z");

  @Test
  void looksComeLaterAndLaterAndEnd() {
    var patience = new Patience(() -> wall);
    assertEquals(Optional.empty(), patience.next(), "nothing was announced");
    patience.begin();
    assertEquals(Optional.of(Duration.ofMillis(25)), patience.next());
    wall = wall.plusMillis(400);
    assertEquals(Optional.of(Duration.ofMillis(375)), patience.next());
    wall = wall.plusSeconds(5);
    assertEquals(Optional.empty(), patience.next());
  }

  @Test
  void aClockThatIsSetBackDoesNotStretchIt() {
    var patience = new Patience(Ticks.from(() -> wall));
    patience.begin();
    wall = wall.minus(Duration.ofDays(1));
    assertTrue(patience.next().orElseThrow().compareTo(Duration.ofSeconds(5)) <= 0);
  }
}
