package dev.turnpike.daemon;

import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Failures that the disk's owner can end without the daemon being told. */
final class DiskTrouble {
  private static final int PROBE_BYTES = 16 << 10;

  /** The system's words, which Java passes on. */
  private static final List<String> PASSING =
      List.of(
          "No space left on device",
          "Disk quota exceeded",
          "Read-only file system",
          "Input/output error");

  private DiskTrouble() {}

  /**
   * @param state what could not be begun in
   */
  static boolean mayPass(IOException e, Path state) {
    if (DiskSpace.problem(state).isPresent()) {
      return true; // its words may be in any language
    }
    for (Throwable at = e; at != null; at = at.getCause()) {
      String message = String.valueOf(at.getMessage());
      if (at instanceof AccessDeniedException || PASSING.stream().anyMatch(message::contains)) {
        return true;
      }
    }
    return false;
  }

  /** Writes a small file and removes it. */
  static void probe(Path directory) throws IOException {
    PrivateFiles.createDirectory(directory);
    Path file = directory.resolve("probe");
    PrivateFiles.writeAtomically(file, new byte[PROBE_BYTES]);
    Files.delete(file);
  }
}
