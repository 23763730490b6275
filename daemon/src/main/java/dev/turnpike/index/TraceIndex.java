package dev.turnpike.index;

import dev.turnpike.model.SessionKey;
import dev.turnpike.platform.Counters;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Skeleton of the signatures. */
public final class TraceIndex implements AutoCloseable {
  /**
   * Tells all summaries there are, from the history and the journal; called on the index's own
   * thread.
   */
  public interface Source {
    void tellAll(Consumer<TraceSummary> to);
  }

  public TraceIndex(Path cacheDirectory, Source source, Counters counters) {
    throw new UnsupportedOperationException();
  }

  /** Notes or replaces a trace's line, some time later. */
  public void put(TraceSummary summary) {
    throw new UnsupportedOperationException();
  }

  /** Newest first. Empty rather than late or wrong. */
  public List<TraceSummary> latest(int limit) {
    throw new UnsupportedOperationException();
  }

  public List<TraceSummary> of(SessionKey session, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
