package dev.turnpike.gateway.api;

import java.util.List;

/**
 * @param warnings what is odd about the settings as they now stand
 */
public record ReloadReport(List<String> warnings) implements Report {
  public ReloadReport {
    warnings = List.copyOf(warnings);
  }
}
