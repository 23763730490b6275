package dev.turnpike.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Copies of a capture as if the same had happened again: every UUID in it is another one. */
final class Anew {
  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private final Path folder;
  private int copies;

  /**
   * @param folder for the copies
   */
  Anew(Path folder) {
    this.folder = folder;
  }

  Fixture copy(Fixture of) throws IOException {
    String salt = of.name() + "-" + ++copies;
    Path copy = folder.resolve(salt);
    try (Stream<Path> all = Files.walk(of.folder())) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(renamed(of.folder().relativize(file).toString(), salt));
        Files.createDirectories(target.getParent());
        Files.writeString(target, renamed(Files.readString(file), salt));
      }
    }
    return new Fixture(copy);
  }

  private static String renamed(String text, String salt) {
    return ID.matcher(text)
        .replaceAll(
            id ->
                UUID.nameUUIDFromBytes((salt + id.group()).getBytes(StandardCharsets.UTF_8))
                    .toString());
  }
}
