package dev.turnpike.outbox;

import dev.turnpike.journal.DurableFiles;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Skeleton of the signatures. */
public final class History {
  private History() {}

  public static History open(
      Path directory,
      HistoryLimits limits,
      InstantSource clock,
      Counters counters,
      DurableFiles files)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Newest first, one entry a body: a trace may have several. */
  public List<HistoryEntry> entries() {
    throw new UnsupportedOperationException();
  }

  /** All traces whose id begins so (1 to 32 hex digits), newest first, their bodies merged. */
  public List<KeptTrace> find(String traceIdPrefix, int limit) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The newest traces, bodies merged. */
  public List<KeptTrace> latest(int limit) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Removes all bodies of a session. Returns how many. */
  public int purge(SessionKey session) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** A trace as it can be shown: {@code bodies} says where each part of it went. */
  public record KeptTrace(SessionKey session, Trace trace, List<HistoryEntry> bodies) {
    public KeptTrace {
      bodies = List.copyOf(bodies);
    }
  }
}
