package dev.turnpike.gateway;

import dev.turnpike.gateway.api.SettingsReport;
import java.nio.file.Path;
import java.util.Optional;

/** The settings as the daemon sees them. */
@FunctionalInterface
public interface SettingsView {
  /**
   * @param key a setting's name or alias; all settings if absent
   * @param cwd whose project section counts
   * @return no rows if {@code key} is no setting
   */
  SettingsReport explain(Optional<String> key, Optional<Path> cwd);
}
