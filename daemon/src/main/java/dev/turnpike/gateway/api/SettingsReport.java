package dev.turnpike.gateway.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings in force, one row each. Secrets come masked. */
public record SettingsReport(List<Row> settings, List<String> warnings) implements Report {
  public SettingsReport {
    settings = List.copyOf(settings);
    warnings = List.copyOf(warnings);
  }

  /**
   * @param value absent if the setting has no value and no default
   * @param source where it came from: {@code default}, {@code daemon environment}, {@code file},
   *     {@code project <dir>}
   * @param overridden values that lost against it, the strongest first
   */
  public record Row(
      String key, @Nullable String value, String source, String doc, List<Overridden> overridden) {
    public Row {
      overridden = List.copyOf(overridden);
    }
  }

  public record Overridden(String value, String source) {}
}
