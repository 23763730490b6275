package dev.turnpike.daemon;

import dev.turnpike.agent.Emitter;
import dev.turnpike.gateway.SpanOwners;
import dev.turnpike.model.AgentId;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whose spans are whose: those of the first agent in the list that takes their source for its own,
 * else of the one the path names. An agent that is known has one owner, whatever the path.
 */
record Emitters(Map<AgentId, Emitter> all) implements SpanOwners {
  @Override
  public Set<AgentId> emitters() {
    return all.keySet();
  }

  @Override
  public Optional<AgentId> owner(Source source, Optional<AgentId> named) {
    return all.entrySet().stream()
        .filter(entry -> entry.getValue().owns(source))
        .map(Map.Entry::getKey)
        .findFirst()
        .or(() -> named.filter(all::containsKey));
  }

  @Override
  public String session(AgentId owner, Source source, Span span) {
    return emitter(owner).session(source, span);
  }

  @Override
  public boolean keeps(AgentId owner, String attribute) {
    return emitter(owner).keeps(attribute);
  }

  private Emitter emitter(AgentId owner) {
    return Objects.requireNonNull(all.get(owner), owner::toString);
  }
}
