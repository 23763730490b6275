package dev.turnpike.daemon;

import dev.turnpike.index.TraceIndex;
import dev.turnpike.index.TraceSummary;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.Usage;
import dev.turnpike.outbox.History;
import dev.turnpike.outbox.History.KeptTrace;
import dev.turnpike.outbox.HistoryEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which traces of the history belong to a session. The history's file names do not say, so the
 * index does: it is told of a body the first time somebody asks after it was kept, and costs
 * nothing in a daemon that nobody asks.
 */
final class SessionTraces {
  private static final int LIMIT_READ = 2000;

  private final TraceIndex index;
  private final History history;
  private final List<AgentId> agents;
  private final Set<String> told = new HashSet<>();

  SessionTraces(TraceIndex index, History history, Collection<AgentId> agents) {
    this.index = index;
    this.history = history;
    this.agents = List.copyOf(agents);
  }

  /** What a dropped index is made of again. */
  static TraceIndex.Source source(History history) {
    return to -> {
      try {
        for (String prefix : prefixes(history)) {
          tell(history, prefix, to);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the history could not be read for the index", e);
      }
    };
  }

  /** The newest first. One question at a time. */
  synchronized Set<TraceId> of(String session, int limit) throws IOException {
    for (String prefix : prefixes(history)) {
      if (told.add(prefix)) {
        tell(history, prefix, index::put);
      }
    }
    var ids = new LinkedHashSet<TraceId>();
    if (SessionId.isWellFormed(session)) {
      for (AgentId agent : agents) {
        index
            .of(new SessionKey(agent, new SessionId(session)), limit)
            .forEach(summary -> ids.add(summary.id()));
      }
    }
    if (index.problem().isPresent()) {
      lookThrough(session, limit, ids);
    }
    return ids;
  }

  /** Without an index: slower, and not beyond what a second or so reads. */
  private void lookThrough(String session, int limit, Set<TraceId> ids) throws IOException {
    int read = 0;
    for (String prefix : prefixes(history)) {
      if (ids.size() >= limit || ++read > LIMIT_READ) {
        return;
      }
      for (KeptTrace kept : history.find(prefix, 10)) {
        if (kept.session().session().value().equals(session)) {
          ids.add(kept.trace().id());
        }
      }
    }
  }

  private static Set<String> prefixes(History history) {
    var all = new LinkedHashSet<String>();
    history.entries().stream().map(HistoryEntry::traceIdPrefix).forEach(all::add);
    return all;
  }

  private static void tell(History history, String prefix, Consumer<TraceSummary> to)
      throws IOException {
    for (KeptTrace kept : history.find(prefix, 10)) {
      to.accept(summary(kept));
    }
  }

  private static TraceSummary summary(KeptTrace kept) {
    Trace trace = kept.trace();
    Observation first = trace.observations().getFirst();
    Observation root =
        trace.observations().stream()
            .filter(each -> each.frame().parent() == null)
            .findFirst()
            .orElse(first);
    var usage = Usage.none();
    int generations = 0;
    int toolCalls = 0;
    BigDecimal cost = null;
    Instant end = root.frame().end();
    for (Observation each : trace.observations()) {
      switch (each) {
        case Observation.Generation generation -> {
          generations++;
          usage = generation.usage() == null ? usage : usage.plus(generation.usage());
          BigDecimal own = generation.costUsd();
          if (own != null) {
            cost = cost == null ? own : cost.add(own);
          }
        }
        case Observation.ToolCall _ -> toolCalls++;
        case Observation.AgentSpan _, Observation.Note _ -> {}
      }
    }
    return new TraceSummary(
        trace.id(),
        kept.session(),
        trace.context().traceName(),
        root.frame().start(),
        end,
        root.frame().level(),
        generations,
        toolCalls,
        usage.total(),
        Optional.ofNullable(cost).map(BigDecimal::doubleValue),
        kept.bodies().getFirst().destination(),
        kept.sent() ? "sent" : "kept");
  }
}
