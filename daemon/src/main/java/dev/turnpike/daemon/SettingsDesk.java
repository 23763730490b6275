package dev.turnpike.daemon;

import dev.turnpike.config.Config;
import dev.turnpike.config.Explained;
import dev.turnpike.config.Setting;
import dev.turnpike.gateway.SettingsView;
import dev.turnpike.gateway.api.SettingsReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;

/** Says where each setting's value comes from, as the daemon sees it. */
final class SettingsDesk implements SettingsView {
  private final Config config;

  SettingsDesk(Config config) {
    this.config = config;
  }

  @Override
  public SettingsReport explain(Optional<String> key, Optional<Path> cwd) {
    Optional<Setting> only = key.flatMap(Setting::named);
    var rows = new ArrayList<SettingsReport.Row>();
    if (key.isEmpty() || only.isPresent()) {
      config
          .explain(cwd.map(Path::toString).orElse(null), Map.of())
          .forEach(
              (setting, explained) -> {
                if (only.isEmpty() || only.get() == setting) {
                  rows.add(row(setting, explained));
                }
              });
    }
    return new SettingsReport(rows, config.warnings());
  }

  private static SettingsReport.Row row(Setting setting, Explained explained) {
    var overridden = new ArrayList<SettingsReport.Overridden>();
    for (Explained.Candidate candidate : explained.candidates()) {
      if (!candidate.used()) {
        overridden.add(new SettingsReport.Overridden(candidate.shown(), candidate.source()));
      }
    }
    String shown = explained.shown();
    return new SettingsReport.Row(
        setting.name(),
        shown.isEmpty() ? null : shown,
        explained.source(),
        setting.sentence(),
        overridden);
  }
}
