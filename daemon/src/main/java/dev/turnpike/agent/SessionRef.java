package dev.turnpike.agent;

import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.util.Optional;

/**
 * A session as an assembler sees it.
 *
 * @param memory empty on first contact: then nothing that lies before the turn an event speaks of
 *     may be exported
 */
public record SessionRef(
    SessionKey key, Optional<Memory> memory, Exported exported, Seeds seeds, Counters counters) {
  /** Which turns went out before, in any session: forked and rewritten files repeat history. */
  @FunctionalInterface
  public interface Exported {
    boolean contains(TurnKey turn);
  }

  /**
   * The seed of a turn's ids; {@code number} counts the session's turns from 1, {@code prompt} is
   * {@link Signal#prompt()} of its events.
   */
  @FunctionalInterface
  public interface Seeds {
    TraceSeed seed(TurnKey turn, int number, Optional<String> prompt);
  }

  /** Counts what is dropped or odd, by reason: {@code line.unknown.foo}. */
  @FunctionalInterface
  public interface Counters {
    void count(String reason);
  }
}
