package dev.turnpike.gateway.api;

import java.util.List;

/**
 * Whether the daemon takes events.
 *
 * @param problems why not; empty when {@code ready}
 */
public record HealthReport(boolean ready, String version, long pid, List<String> problems)
    implements Report {
  public HealthReport {
    problems = List.copyOf(problems);
  }
}
