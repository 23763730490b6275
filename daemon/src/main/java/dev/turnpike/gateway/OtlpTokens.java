package dev.turnpike.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens that {@code turnpike install} has made, one file an agent: {@code otlp/<agent>.token}
 * below the state directory. While there is none, nothing listens. A file that others can read is
 * not used.
 */
final class OtlpTokens {
  private static final Logger LOG = LoggerFactory.getLogger(OtlpTokens.class);
  private static final int CHARS_MIN = 32;
  private static final int BYTES_MAX = 200;
  private static final int FILES_MAX = 64;

  private final Path folder;
  private volatile Set<String> known = Set.of();
  private Set<Path> open = Set.of();

  OtlpTokens(Path folder) {
    this.folder = folder;
  }

  /** As of the last look. */
  Set<String> known() {
    return known;
  }

  /** Reads them again. By one thread at a time. */
  void look() {
    var found = new HashSet<String>();
    var readable = new HashSet<Path>();
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.token")) {
        for (Path file : files) {
          if (found.size() < FILES_MAX) {
            read(file, found, readable);
          }
        }
      } catch (IOException e) {
        LOG.warn("{} cannot be read: {}", folder, e.toString());
      }
    }
    readable.stream()
        .filter(file -> !open.contains(file))
        .forEach(file -> LOG.warn("not used, since others can read it: chmod 600 {}", file));
    open = Set.copyOf(readable);
    known = Set.copyOf(found);
  }

  private static void read(Path file, Set<String> found, Set<Path> readable) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > BYTES_MAX) {
      return;
    }
    Set<PosixFilePermission> mode = new HashSet<>(Files.getPosixFilePermissions(file));
    mode.removeAll(Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    if (!mode.isEmpty()) {
      readable.add(file);
      return;
    }
    String token = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    if (token.length() >= CHARS_MIN) {
      found.add(token);
    }
  }
}
