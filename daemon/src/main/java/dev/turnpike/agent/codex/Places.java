package dev.turnpike.agent.codex;

import dev.turnpike.agent.Installer.Machine;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Codex's files of one user.
 *
 * @param folder {@code CODEX_HOME}, or {@code ~/.codex}
 */
record Places(Path folder) {
  static Places of(Machine machine) {
    String said = machine.environment().getOrDefault("CODEX_HOME", "");
    if (said.isBlank()) {
      return new Places(machine.home().resolve(".codex"));
    }
    Path folder = machine.home().resolve(said).normalize();
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

  /** Codex's program, where the user's shell would find it. */
  static Optional<Path> program(Machine machine) {
    return Stream.of(machine.environment().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, "codex"))
        .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
        .findFirst();
  }
}
