package dev.turnpike.gateway.api;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finished traces, the newest first.
 *
 * @param total how many there are; more than are listed where a limit cut the list
 */
public record TraceList(List<TraceSummary> traces, long total) implements Report {
  public TraceList {
    traces = List.copyOf(traces);
  }

  /**
   * @param tokens of all model calls together; absent if the agent reported none
   * @param costUsd only where the agent itself reports it
   */
  public record TraceSummary(
      String id,
      String agent,
      String session,
      String name,
      Instant start,
      long durationMillis,
      String level,
      int observations,
      @Nullable Long tokens,
      @Nullable BigDecimal costUsd,
      List<Whereabouts> wentTo) {
    public TraceSummary {
      wentTo = List.copyOf(wentTo);
    }
  }
}
