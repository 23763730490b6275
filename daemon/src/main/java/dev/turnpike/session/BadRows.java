package dev.turnpike.session;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Rows an assembler failed on. Read again they would fail again, and the session would stand there
 * for ever: so they are passed over, as rows that are too long. Owned by the session's worker.
 */
final class BadRows {
  /** A file with more of them than this is not what we take it for: better to stand still. */
  private static final int LIMIT_ROWS = 1000;

  private record Row(Path file, long start) {}

  private final Set<Row> rows = new HashSet<>();

  boolean contains(Path file, long start) {
    return !rows.isEmpty() && rows.contains(new Row(file, start));
  }

  void add(Path file, long start) {
    if (rows.size() < LIMIT_ROWS) {
      rows.add(new Row(file, start));
    }
  }
}
