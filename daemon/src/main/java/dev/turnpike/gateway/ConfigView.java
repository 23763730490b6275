package dev.turnpike.gateway;

import dev.turnpike.config.Config;
import dev.turnpike.config.Explained;
import dev.turnpike.config.Explained.Candidate;
import dev.turnpike.config.Setting;
import dev.turnpike.gateway.api.SettingsReport;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The settings as the daemon sees them: its own environment counts, a caller's does not. */
public final class ConfigView implements SettingsView {
  private final Config config;

  public ConfigView(Config config) {
    this.config = config;
  }

  @Override
  public SettingsReport explain(Optional<String> key, Optional<Path> cwd) {
    var wanted = key.flatMap(Setting::named);
    var explained = config.explain(cwd.map(Path::toString).orElse(null), Map.of());
    var rows =
        explained.values().stream()
            .filter(one -> key.isEmpty() || wanted.filter(one.setting()::equals).isPresent())
            .map(ConfigView::row)
            .toList();
    return new SettingsReport(rows, config.warnings());
  }

  private static SettingsReport.Row row(Explained explained) {
    return new SettingsReport.Row(
        explained.setting().name(),
        explained.shown().isEmpty() ? null : explained.shown(),
        explained.source(),
        explained.setting().sentence(),
        explained.candidates().stream()
            .filter(candidate -> !candidate.used() && !candidate.shown().isEmpty())
            .map(candidate -> new SettingsReport.Overridden(candidate.shown(), source(candidate)))
            .toList());
  }

  private static String source(Candidate candidate) {
    return candidate.source() + candidate.problem().map(why -> " (" + why + ")").orElse("");
  }
}
