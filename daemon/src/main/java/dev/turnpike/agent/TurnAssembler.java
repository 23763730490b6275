package dev.turnpike.agent;

import dev.turnpike.model.Event;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Makes turns of one session's events and lines. Owned by one thread; knows nothing of time but
 * what its input says. The order in which events arrive, and whether they arrive twice, must not
 * change ids, times, usage or content: a hook is a hint.
 *
 * <p>The worker's round: {@link #accept(Event, Signal)} for each new event, then until nothing
 * changes: read what {@link #files()} have new, {@link #accept(Path, Line)}; then {@link #poll}
 * until empty.
 */
public interface TurnAssembler<S extends Signal> {
  void accept(Event event, S signal);

  /**
   * The files to follow now. May grow as lines name further ones; a file that is left out is
   * closed.
   */
  List<FollowedFile> files();

  void accept(Path file, Line line);

  /**
   * The file was replaced or truncated and is now read again from its start. Turns that went out
   * must not come again ({@link SessionRef.Exported}).
   */
  void restarted(Path file);

  /**
   * The next thing that is final under these circumstances, in the order of the conversation. Takes
   * it off.
   */
  Optional<Finished> poll(Circumstances circumstances);

  /**
   * A hint said that something ended and its rows are not all there: worth looking again within
   * milliseconds.
   */
  boolean awaitingRows();

  /**
   * The latest {@link #poll} would have ended a turn but for what may lie in the spool: worth
   * taking it over now, and looking again when that was told ({@link Circumstances#heard}). For
   * agents whose events are content: what is missing there stands nowhere else.
   */
  default boolean awaitingSpool() {
    return false;
  }

  /** A turn is open or background work is running: worth a look on every sweep. */
  boolean open();

  /** The memory as of now, with every event accepted so far in its carry. */
  Memory memory();
}
