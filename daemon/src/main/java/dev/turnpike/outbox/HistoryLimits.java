package dev.turnpike.outbox;

import java.time.Duration;

/** How much of what was sent or kept here stays to be shown; the oldest goes first. */
public record HistoryLimits(long bytes, Duration age) {
  public static final HistoryLimits STANDARD =
      new HistoryLimits(64L * 1024 * 1024, Duration.ofDays(90));
}
