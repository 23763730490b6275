package dev.turnpike.daemon;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class IdleExitTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicLong events = new AtomicLong();

  private IdleExit after(Duration after, Runnable exit) {
    return new IdleExit(after, now::get, busy::get, events::get, exit);
  }

  private void later(Duration by) {
    now.updateAndGet(time -> time.plus(by));
  }

  @Test
  void isDueWhenNothingHappenedForSoLong() {
    try (var exit = after(Duration.ofMinutes(5), () -> {})) {
      assertFalse(exit.due(), "the time begins with the first look");
      later(Duration.ofSeconds(299));
      assertFalse(exit.due());
      later(Duration.ofSeconds(1));
      assertTrue(exit.due());
    }
  }

  @Test
  void anEventBeginsTheTimeAnew() {
    try (var exit = after(Duration.ofMinutes(5), () -> {})) {
      assertFalse(exit.due());
      later(Duration.ofMinutes(5));
      events.incrementAndGet();
      assertFalse(exit.due());
      later(Duration.ofMinutes(4));
      assertFalse(exit.due());
      later(Duration.ofMinutes(1));
      assertTrue(exit.due());
    }
  }

  @Test
  void nothingEndsWhileATurnIsOpenOrSomethingWaits() {
    busy.set(true);
    try (var exit = after(Duration.ofMinutes(5), () -> {})) {
      assertFalse(exit.due());
      later(Duration.ofHours(9));
      assertFalse(exit.due());
      busy.set(false);
      later(Duration.ofMinutes(4));
      assertFalse(exit.due(), "it was busy four minutes ago");
      later(Duration.ofMinutes(1));
      assertTrue(exit.due());
    }
  }

  @Test
  void endsTheDaemonByItself() throws InterruptedException {
    var ended = new CountDownLatch(1);
    IdleExit exit = after(Duration.ZERO, ended::countDown).begin();
    assertTrue(ended.await(10, TimeUnit.SECONDS));
    exit.close();
  }
}
