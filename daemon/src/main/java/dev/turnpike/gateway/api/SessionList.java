package dev.turnpike.gateway.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sessions the daemon knows, the last active first. */
public record SessionList(List<SessionSummary> sessions) implements Report {
  public SessionList {
    sessions = List.copyOf(sessions);
  }

  /**
   * @param state {@code active} (a worker is alive), {@code idle} or {@code paused} (never traced
   *     until resumed)
   * @param turns finished and queued so far
   * @param openTurn a turn has begun and not ended
   */
  public record SessionSummary(
      String agent,
      String id,
      String state,
      long turns,
      boolean openTurn,
      @Nullable Instant lastActivity,
      @Nullable String cwd) {}
}
