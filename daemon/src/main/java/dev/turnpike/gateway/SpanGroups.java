package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.TraceId;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanBatch;
import dev.turnpike.otlp.SpanEnvelope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The spans of a request by agent and trace; a trace is of one session.
 *
 * @param ownerless spans that no agent here takes
 */
record SpanGroups(List<Group> all, int ownerless) {
  record Group(AgentId agent, SpanEnvelope.Head head, List<SpanBatch> batches) {}

  record Key(AgentId agent, TraceId trace) {}

  /**
   * Which sessions the latest traces are of. What a request first said of a trace holds for all
   * that comes of it: VS Code and the CLI it runs send halves of one turn apart, and each may have
   * a name of its own for the conversation.
   */
  static final class Known {
    private static final int LIMIT = 1_000;
    private final LinkedHashMap<Key, String> sessions = new LinkedHashMap<>();

    synchronized Map<Key, String> of(Iterable<Key> keys) {
      var found = new HashMap<Key, String>();
      for (Key key : keys) {
        String session = sessions.get(key);
        if (session != null) {
          found.put(key, session);
        }
      }
      return found;
    }

    synchronized void add(Map<Key, String> more) {
      sessions.putAll(more);
      while (sessions.size() > LIMIT) {
        sessions.pollFirstEntry();
      }
    }
  }

  private record Placed(Source source, Span span) {}

  /**
   * @param known is asked for traces that requests before this one had spans of, and told of all
   */
  static SpanGroups of(
      List<SpanBatch> batches, SpanOwners owners, Optional<AgentId> named, Known known) {
    var sessions = new HashMap<Key, String>();
    var placed = new LinkedHashMap<Key, List<Placed>>();
    int ownerless = 0;
    for (SpanBatch batch : batches) {
      Optional<AgentId> owner = owners.owner(batch.source(), named);
      if (owner.isEmpty()) {
        ownerless += batch.spans().size();
        continue;
      }
      for (Span span : batch.spans()) {
        var key = new Key(owner.get(), span.trace());
        String session = owners.session(owner.get(), batch.source(), span);
        if (SessionId.isWellFormed(session)) {
          // if they differ, the root knows best
          sessions.merge(key, session, (before, later) -> span.parent() == null ? later : before);
        }
        placed
            .computeIfAbsent(key, same -> new ArrayList<>())
            .add(new Placed(batch.source(), span));
      }
    }
    sessions.putAll(known.of(placed.keySet()));
    known.add(sessions);
    var groups = new ArrayList<Group>();
    placed.forEach(
        (key, spans) -> {
          var session = new SessionId(sessions.getOrDefault(key, key.trace().hex()));
          boolean root = spans.stream().anyMatch(one -> one.span().parent() == null);
          var head = new SpanEnvelope.Head(session, key.trace(), root);
          groups.add(new Group(key.agent(), head, bySource(spans)));
        });
    return new SpanGroups(groups, ownerless);
  }

  private static List<SpanBatch> bySource(List<Placed> spans) {
    Map<Source, List<Span>> bySource = new LinkedHashMap<>();
    spans.forEach(
        one -> bySource.computeIfAbsent(one.source(), same -> new ArrayList<>()).add(one.span()));
    return bySource.entrySet().stream()
        .map(entry -> new SpanBatch(entry.getKey(), entry.getValue()))
        .toList();
  }
}
