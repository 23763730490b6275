package dev.turnpike.config;

import dev.turnpike.config.Layer.Rank;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One settings file, read again when it changes. What was good once stays in force while the file
 * cannot be read, and the problem is told.
 */
final class WatchedFile {
  /**
   * @param blocked the file is there and was never readable: what the user wants is unknown, so
   *     nothing may leave the machine
   * @param secretsRefused why its secrets do not count: others can read them
   */
  record State(
      SettingsFile file,
      boolean present,
      Optional<String> blocked,
      Optional<String> secretsRefused,
      List<String> warnings) {
    State {
      warnings = List.copyOf(warnings);
    }
  }

  private record Seen(Map<String, Object> facts, State state) {}

  private static final String FACTS = "unix:lastModifiedTime,ctime,size,ino,mode,uid";

  private final Path path;
  private final Path home;
  private final Rank rank;
  private final AtomicReference<Optional<Seen>> seen = new AtomicReference<>(Optional.empty());

  WatchedFile(Path path, Path home, Rank rank) {
    this.path = path;
    this.home = home;
    this.rank = rank;
  }

  Path path() {
    return path;
  }

  /** A look at the file's attributes, and a read if they are not those of the last time. */
  State state() {
    Optional<Seen> before = seen.get();
    Map<String, Object> facts = facts();
    if (before.isPresent() && before.get().facts().equals(facts)) {
      return before.get().state();
    }
    State state = read(facts, before.map(Seen::state));
    seen.set(Optional.of(new Seen(facts, state)));
    return state;
  }

  /**
   * Empty: there is no such file. A file whose attributes cannot be read has its error as the only
   * fact.
   */
  private Map<String, Object> facts() {
    try {
      return new TreeMap<>(Files.readAttributes(path, FACTS));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Map.of();
    } catch (IOException e) {
      return Map.of("error", String.valueOf(e));
    }
  }

  private State read(Map<String, Object> facts, Optional<State> before) {
    if (facts.isEmpty()) {
      return new State(
          SettingsFile.empty(path, rank), false, Optional.empty(), Optional.empty(), List.of());
    }
    try {
      SettingsFile file = SettingsFile.parse(text(), path, home, rank);
      Optional<String> refused =
          file.holdsSecrets() ? PrivateFiles.problem(path) : Optional.empty();
      var warnings = new ArrayList<>(file.warnings());
      refused.ifPresent(problem -> warnings.add("its secrets do not count: " + problem));
      return new State(file, true, Optional.empty(), refused, warnings);
    } catch (IOException e) {
      String problem = "cannot read %s: %s".formatted(path, reason(e));
      return before
          .filter(last -> last.blocked().isEmpty() && last.present())
          .map(
              last ->
                  new State(
                      last.file(),
                      true,
                      Optional.empty(),
                      last.secretsRefused(),
                      List.of(problem + "; what it said before stays in force")))
          .orElseGet(
              () ->
                  new State(
                      SettingsFile.empty(path, rank),
                      true,
                      Optional.of(problem + "; traces stay on this machine until it can be read"),
                      Optional.empty(),
                      List.of(problem)));
    }
  }

  private String text() throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new IOException("it is not a file");
    }
    try (var stream = Files.newInputStream(path)) {
      byte[] bytes = stream.readNBytes(SettingsFile.LIMIT_BYTES + 1);
      if (bytes.length > SettingsFile.LIMIT_BYTES) {
        throw new IOException("it is larger than %d bytes".formatted(SettingsFile.LIMIT_BYTES));
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case CharacterCodingException _ -> "it is not UTF-8 text";
      case AccessDeniedException _ -> "permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }
}
