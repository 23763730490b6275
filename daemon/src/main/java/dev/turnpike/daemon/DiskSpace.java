package dev.turnpike.daemon;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether a file system takes anything, asked of the system and without writing. */
final class DiskSpace {
  /** Below this nothing of ours gets very far. */
  private static final long LEAST_BYTES = 256 << 10;

  private DiskSpace() {}

  /** Why nothing can be written there, in words; empty if it can, as far as the system knows. */
  static Optional<String> problem(Path directory) {
    try {
      FileStore store = Files.getFileStore(existing(directory));
      if (store.isReadOnly()) {
        return Optional.of("the file system of " + directory + " is read-only");
      }
      long free = store.getUsableSpace();
      return free < LEAST_BYTES
          ? Optional.of(
              "the disk of %s is full: %d KiB are free"
                  .formatted(directory, Math.max(0, free >> 10)))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // whoever writes there will say so
    }
  }

  private static Path existing(Path directory) {
    Path at = directory.toAbsolutePath();
    while (Files.notExists(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }
}
