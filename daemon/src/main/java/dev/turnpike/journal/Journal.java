package dev.turnpike.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;

/** Skeleton of the signatures. */
public final class Journal implements AutoCloseable {
  private Journal() {}

  public static Journal open(Path directory, JournalLimits limits, InstantSource clock)
      throws IOException {
    return open(directory, limits, clock, DurableFiles.real());
  }

  public static Journal open(
      Path directory, JournalLimits limits, InstantSource clock, DurableFiles files)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  public CompletableFuture<Void> append(Entry entry) {
    throw new UnsupportedOperationException();
  }

  public CompletableFuture<Void> commit(Entry entry) {
    throw new UnsupportedOperationException();
  }

  /**
   * {@link #commit} and wait for it. A failure means that it is not known whether the entry will be
   * there after a restart.
   */
  public void commitNow(Entry entry) throws IOException {
    throw new UnsupportedOperationException();
  }

  public JournalView view() {
    throw new UnsupportedOperationException();
  }

  public JournalHealth health() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException();
  }
}
