package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.Memory.Position;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where each file is accounted for. What its first line was is the reader's to add. The oldest
 * files go first: nobody writes to their agents any more.
 */
final class Positions {
  private static final int LIMIT = 64;

  private final Map<Path, Position> all = new LinkedHashMap<>();

  Positions(Map<Path, Position> memory) {
    all.putAll(memory);
  }

  Map<Path, Position> all() {
    return all;
  }

  long offset(Path file) {
    Position position = all.get(file);
    return position == null ? 0 : position.offset();
  }

  void at(Path file, long offset) {
    Position old = all.get(file);
    all.put(file, new Position(offset, old == null ? "" : old.head()));
    if (all.size() > LIMIT) {
      all.keySet().stream()
          .filter(
              path -> !path.equals(file) && String.valueOf(path.getFileName()).startsWith("agent-"))
          .findFirst()
          .ifPresent(all::remove);
    }
  }

  void forget(Path file) {
    all.remove(file);
  }
}
