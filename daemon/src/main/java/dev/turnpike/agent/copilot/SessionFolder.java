package dev.turnpike.agent.copilot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the CLI keeps a session: {@code ~/.copilot/session-state/<id>/}, with {@code events.jsonl}
 * and {@code workspace.yaml}.
 */
final class SessionFolder {
  private static final long LIMIT_BYTES = 64 * 1024;

  private final Optional<Path> folder;

  SessionFolder(Path home, String session) {
    this.folder =
        session.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
            ? Optional.of(home.resolve(".copilot/session-state").resolve(session))
            : Optional.empty();
  }

  Optional<Path> events() {
    return folder.map(path -> path.resolve("events.jsonl"));
  }

  /** The working directory, for a session whose hooks said nothing. */
  Optional<String> cwd() {
    Optional<Path> file = folder.map(path -> path.resolve("workspace.yaml"));
    try {
      if (file.isEmpty()
          || !Files.isRegularFile(file.get(), LinkOption.NOFOLLOW_LINKS)
          || Files.size(file.get()) > LIMIT_BYTES) {
        return Optional.empty();
      }
      return Files.readString(file.get())
          .lines()
          .filter(line -> line.startsWith("cwd: /"))
          .map(line -> line.substring("cwd: ".length()).strip())
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
