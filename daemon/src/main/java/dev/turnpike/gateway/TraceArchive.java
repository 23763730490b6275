package dev.turnpike.gateway;

import dev.turnpike.gateway.api.SendReport;
import dev.turnpike.gateway.api.TraceList;
import dev.turnpike.gateway.api.Whereabouts;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The finished traces this machine still has. */
public interface TraceArchive {
  /**
   * The newest first, at most {@code limit}.
   *
   * @param session only those of this agent session id, as {@code TraceContext} has it
   */
  TraceList traces(int limit, Optional<String> session) throws IOException;

  /**
   * @param prefix lower-case hex, at least 4 digits, at most the whole id
   */
  Lookup find(String prefix) throws IOException;

  /**
   * Queues local traces for the remote destination that the settings name now. Those already queued
   * or sent there are left alone.
   */
  SendReport sendLocal() throws IOException;

  sealed interface Lookup {
    record Found(Archived trace) implements Lookup {}

    record Ambiguous(List<TraceId> candidates) implements Lookup {
      public Ambiguous {
        candidates = List.copyOf(candidates);
      }
    }

    record Missing() implements Lookup {}
  }

  /**
   * @param parts of one trace, the one with the root first if there is one; at least one
   */
  record Archived(List<Trace> parts, List<Whereabouts> wentTo) {
    public Archived {
      parts = List.copyOf(parts);
      wentTo = List.copyOf(wentTo);
      if (parts.isEmpty()) {
        throw new IllegalArgumentException("a trace without parts");
      }
    }
  }
}
