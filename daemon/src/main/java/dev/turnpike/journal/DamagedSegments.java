package dev.turnpike.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Segments that could not be read whole, kept as {@code .bad} for whoever wants to look. */
final class DamagedSegments {
  private static final Logger LOG = LoggerFactory.getLogger(DamagedSegments.class);
  private static final String SUFFIX = ".bad";
  private static final int LIMIT_KEPT = 8;

  private final Path directory;
  private final DurableFiles files;

  DamagedSegments(Path directory, DurableFiles files) {
    this.directory = directory;
    this.files = files;
  }

  /** Once all that could be read of them stands in a new segment. */
  void rename(List<Path> damaged) {
    for (Path segment : damaged) {
      try {
        files.rename(segment, segment.resolveSibling(segment.getFileName() + SUFFIX));
      } catch (IOException e) {
        LOG.warn("journal: cannot set {} aside: {}", segment, e.toString());
      }
    }
  }

  /** Deletes the oldest beyond the limit. Returns how many there were. */
  int bound() {
    try {
      List<Path> bad =
          files.list(directory).stream().filter(file -> file.toString().endsWith(SUFFIX)).toList();
      for (Path oldest : bad.subList(0, Math.max(0, bad.size() - LIMIT_KEPT))) {
        files.delete(oldest);
      }
      return bad.size();
    } catch (IOException e) {
      LOG.warn("journal: cannot tidy damaged segments: {}", e.toString());
      return 0;
    }
  }
}
