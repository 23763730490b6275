package dev.turnpike.agent;

import dev.turnpike.agent.Installer.UnreadableSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;

/**
 * A settings file of an agent as it is now.
 *
 * @param file where it really lies: a symbolic link is followed, so that what is written goes to
 *     its target and the link stays
 * @param text absent if there is no such file
 */
public record SettingsText(Path file, Optional<String> text) {
  private static final long LIMIT_BYTES = 8L * 1024 * 1024;
  private static final int LIMIT_LINKS = 40;

  /**
   * Reads the file at {@code path}.
   *
   * @throws UnreadableSettings if it is no regular file, too large, not UTF-8, or not ours to read
   */
  public static SettingsText read(Path path) throws UnreadableSettings {
    try {
      Path file = target(path);
      if (Files.notExists(file)) {
        return new SettingsText(file, Optional.empty());
      }
      if (!Files.isRegularFile(file)) {
        throw new UnreadableSettings(
            file + " is not a regular file; move it away and try again. Nothing was changed.");
      }
      if (Files.size(file) > LIMIT_BYTES) {
        throw new UnreadableSettings(
            "%s is larger than %d MiB, which no settings file is. Nothing was changed."
                .formatted(file, LIMIT_BYTES >> 20));
      }
      byte[] bytes = Files.readAllBytes(file);
      return new SettingsText(file, Optional.of(decoded(file, bytes)));
    } catch (IOException e) {
      throw new UnreadableSettings(
          "%s cannot be read (%s); check who owns it. Nothing was changed.".formatted(path, e));
    }
  }

  /** Whether the word stands anywhere in it: if not, a file need not be understood. */
  public boolean mentions(String word) {
    return text.map(all -> all.contains(word)).orElse(false);
  }

  /**
   * Refuses a file that its owner has closed to writing: somebody wants it to stay as it is.
   *
   * @throws UnreadableSettings with what to do
   */
  public void requireWritable() throws UnreadableSettings {
    try {
      if (Files.exists(file)
          && (!Files.getPosixFilePermissions(file).contains(PosixFilePermission.OWNER_WRITE)
              || !Files.isWritable(file))) {
        throw new UnreadableSettings(
            "%s is read-only: run chmod u+w '%s' and try again, or change it where it is made. Nothing was changed."
                .formatted(file, file));
      }
    } catch (IOException e) {
      throw new UnreadableSettings(
          "%s cannot be looked at (%s). Nothing was changed.".formatted(file, e));
    }
  }

  /** The end of a chain of symbolic links, which need not exist. */
  private static Path target(Path path) throws IOException {
    Path at = path.toAbsolutePath();
    for (int hops = 0; Files.isSymbolicLink(at); hops++) {
      if (hops == LIMIT_LINKS) {
        throw new IOException("its symbolic links lead in a circle");
      }
      at = at.resolveSibling(Files.readSymbolicLink(at)).normalize();
    }
    return at;
  }

  private static String decoded(Path file, byte[] bytes) throws UnreadableSettings {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new UnreadableSettings(
          file + " is not UTF-8 text; save it as UTF-8 and try again. Nothing was changed.");
    }
  }
}
