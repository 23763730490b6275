package dev.turnpike.inbox;

import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Skeleton of the signatures. */
public final class Inbox implements AutoCloseable {
  private Inbox() {}

  /**
   * @param secret which variables config calls secret
   */
  public static Inbox open(
      Path directory,
      Path spool,
      Journal journal,
      InboxLimits limits,
      Consent consent,
      Predicate<String> secret,
      Counters counters,
      DurableFiles files)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * @param onlyCopy the agent keeps no record of its own: wait until it is on the disk
   */
  public CompletableFuture<AcceptResult> accept(Event event, boolean onlyCopy) {
    throw new UnsupportedOperationException();
  }

  /**
   * Called for every event after it was stored, one at a time, in order. Not for those of {@link
   * #pending()} at the start.
   */
  public void listen(Consumer<Event> router) {
    throw new UnsupportedOperationException();
  }

  public List<Event> pending() {
    throw new UnsupportedOperationException();
  }

  /**
   * After the step that consumed them was committed (or they were dropped): removes their files.
   */
  public void consumed(Collection<EventId> events) {
    throw new UnsupportedOperationException();
  }

  /**
   * Where the gateway may write a large body before it offers the event with {@code
   * EventBody.Spilled}.
   */
  public Path newSpillFile() {
    throw new UnsupportedOperationException();
  }

  /** Takes over what hook clients left. Blocks; one call at a time. */
  public Drained drainSpool() throws IOException {
    throw new UnsupportedOperationException();
  }

  public InboxStatus status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
