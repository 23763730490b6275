package dev.turnpike.agent;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an assembler needs to go on after a restart: a new assembler given this memory, reading each
 * file again from its position, is equal to the one it came from. Rows of an open turn are never in
 * it, they are read again; facts that only events carry are in {@code carry}.
 *
 * @param positions by file: identity and offset of the first byte that is not accounted for
 * @param carry JSON text of the adapter's own making, at most a few KiB
 */
public record Memory(Map<Path, Position> positions, String carry) {
  /**
   * @param head hex SHA-256 of the file's first line, to notice that it was replaced; empty if
   *     there was none yet
   */
  public record Position(long offset, String head) {}

  public static final Memory NONE = new Memory(Map.of(), "{}");

  public Memory {
    positions = Collections.unmodifiableMap(new TreeMap<>(positions));
  }
}
