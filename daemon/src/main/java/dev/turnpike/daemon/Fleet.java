package dev.turnpike.daemon;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Emitter;
import dev.turnpike.export.DeliveryCounts;
import dev.turnpike.gateway.SpanOwners;
import dev.turnpike.model.AgentId;
import dev.turnpike.platform.Counters;
import dev.turnpike.session.Sessions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the other rooms need to know of the agents as a whole. */
record Fleet(List<Agent<?>> agents) {
  Fleet {
    agents = List.copyOf(agents);
  }

  /** What a hook client prints, by agent. */
  Map<AgentId, String> answers() {
    return agents.stream().collect(Collectors.toMap(Agent::id, Agent::answer));
  }

  /** Whose events are acknowledged only after they are on the disk. */
  Set<AgentId> onlyCopies() {
    return agents.stream().filter(Agent::onlyCopy).map(Agent::id).collect(Collectors.toSet());
  }

  /** Who takes spans, for the receiver. */
  SpanOwners owners() {
    var emitters = new LinkedHashMap<AgentId, Emitter>();
    agents.forEach(
        agent -> agent.emitter().ifPresent(emitter -> emitters.put(agent.id(), emitter)));
    return new Emitters(emitters);
  }

  /** Calls taken since the start, traced or not. */
  long handled(Sessions sessions) {
    return agents.stream()
        .map(agent -> sessions.counters(agent.id()))
        .mapToLong(counted -> counted.of("event.accepted") + counted.of("event.declined"))
        .sum();
  }

  FlushRun.Totals totals(Sessions sessions, Counters exports) {
    return new FlushRun.Totals() {
      @Override
      public long turns() {
        return agents.stream()
            .mapToLong(agent -> sessions.counters(agent.id()).of("turn.exported"))
            .sum();
      }

      @Override
      public long sentBatches() {
        return exports.of(DeliveryCounts.BATCHES_SENT);
      }

      @Override
      public long sentSpans() {
        return exports.of(DeliveryCounts.SPANS_SENT);
      }
    };
  }
}
