package dev.turnpike.agent;

import dev.turnpike.model.EventId;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an assembler needs to go on after a restart: a new assembler given this memory, reading each
 * file again from its position, is equal to the one it came from. Rows of an open turn are never in
 * it, they are read again; facts that only events carry are in {@code carry}.
 *
 * @param positions by file: identity and offset of the first byte that is not accounted for
 * @param carry JSON text of the adapter's own making, at most a few KiB
 * @param needed accepted events whose content lies nowhere else and is not in the carry: no step
 *     consumes them, and after a restart they are told again. Only for agents that push ({@link
 *     Agent#onlyCopy}); an open turn's events are here until the turn is closed
 */
public record Memory(Map<Path, Position> positions, String carry, Set<EventId> needed) {
  /**
   * @param head hex SHA-256 of the file's first line, to notice that it was replaced; empty if
   *     there was none yet
   */
  public record Position(long offset, String head) {}

  public static final Memory NONE = new Memory(Map.of(), "{}");

  /** For agents that keep a record of their own: every event is a hint. */
  public Memory(Map<Path, Position> positions, String carry) {
    this(positions, carry, Set.of());
  }

  public Memory {
    positions = Collections.unmodifiableMap(new TreeMap<>(positions));
    needed = Set.copyOf(needed);
  }
}
