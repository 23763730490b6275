package dev.turnpike.gateway.api;

import java.util.Map;

/**
 * What was removed of a session.
 *
 * @param removed entries by store: events, batches, traces, records
 */
public record ForgetReport(String agent, String id, Map<String, Long> removed) implements Report {
  public ForgetReport {
    removed = Ordered.copyOf(removed);
  }
}
