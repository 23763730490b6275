package dev.turnpike.gateway.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One session.
 *
 * @param pendingEvents accepted and not yet consumed
 * @param lastTrace id of the trace of its last finished turn
 * @param lastTraceUrl where that trace can be looked at, if it went to a server
 */
public record SessionDetail(
    SessionList.SessionSummary session,
    List<Followed> files,
    long pendingEvents,
    @Nullable String destination,
    @Nullable String lastTrace,
    @Nullable String lastTraceUrl)
    implements Report {
  public SessionDetail {
    files = List.copyOf(files);
  }

  /**
   * A file of the agent that is being read.
   *
   * @param cursorBytes up to where it is accounted for: the start of the open turn
   */
  public record Followed(String path, long cursorBytes, long sizeBytes) {}
}
