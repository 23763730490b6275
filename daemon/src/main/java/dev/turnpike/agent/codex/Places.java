package dev.turnpike.agent.codex;

import dev.turnpike.agent.Installer.Machine;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Codex's files of one user.
 *
 * @param folder {@code CODEX_HOME}, or {@code ~/.codex}
 */
record Places(Path folder) {
  /** Codex's program, where the user's shell would find it. */
  static final String PROGRAM = "codex";

  private static final String TOLD = "CODEX_HOME";

  static Places of(Machine machine) {
    Path folder = machine.folder(TOLD, ".codex");
    if (machine.environment().getOrDefault(TOLD, "").isBlank()) {
      return new Places(folder);
    }
    try {
      // Codex follows links in what it was told, and only then
      return new Places(folder.toRealPath());
    } catch (IOException e) {
      return new Places(folder);
    }
  }

  Path config() {
    return folder.resolve("config.toml");
  }

  Path json() {
    return folder.resolve("hooks.json");
  }
}
