package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import java.util.Optional;
import java.util.Set;

/** Which agent spans belong to; what the gateway knows of adapters. */
public interface SpanOwners {
  /** Agents that send spans. */
  Set<AgentId> emitters();

  /**
   * @param named the agent the path names
   * @return empty if there is nobody for them
   */
  Optional<AgentId> owner(Source source, Optional<AgentId> named);

  /** The session's id as the agent gives it; empty if the span names none. */
  String session(AgentId owner, Source source, Span span);

  boolean keeps(AgentId owner, String attribute);
}
