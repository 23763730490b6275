package dev.turnpike.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LastWordsTest {
  private static final Instant DEATH = Instant.parse("2026-11-20T10:00:00Z");

  private Instant now = DEATH;
  private CompletableFuture<Instant> taken = new CompletableFuture<>();
  private int asked;
  private final Moments moments = new Moments(() -> now, () -> now);
  private final LastWords words =
      new LastWords(
          () -> now,
          moments,
          () -> {
            asked++;
            return taken;
          });

  @Test
  void theSpoolIsTakenOnceAndThenAMomentIsWaitedFor() {
    assertTrue(waiting().isPresent());
    assertTrue(waiting().isPresent());
    taken.complete(DEATH);
    assertEquals(Optional.of(Duration.ofSeconds(1)), waiting());
    now = DEATH.plusSeconds(1);
    assertFalse(waiting().isPresent());
    assertEquals(1, asked);
  }

  @Test
  void anAgentThatLivesAgainMayLeaveMore() {
    taken.complete(DEATH);
    now = DEATH.plusSeconds(1);
    assertFalse(waiting().isPresent());
    assertFalse(words.wait(false).isPresent());
    taken = new CompletableFuture<>();
    assertTrue(waiting().isPresent());
    assertEquals(2, asked);
  }

  @Test
  void hooksThatFiredBeforeRowsWereReadAreHeardToo() {
    taken.complete(DEATH);
    now = DEATH.plusSeconds(1);
    assertFalse(waiting().isPresent());
    moments.grew();
    words.again();
    taken = new CompletableFuture<>();
    assertEquals(Optional.of(Duration.ofSeconds(1)), waiting());
    assertEquals(2, asked);
    now = now.plusSeconds(1);
    assertTrue(waiting().isPresent(), "nobody has looked into the spool yet");
    taken.complete(now);
    now = now.plusSeconds(1);
    assertFalse(waiting().isPresent());
  }

  private Optional<Duration> waiting() {
    return words.wait(true);
  }
}
