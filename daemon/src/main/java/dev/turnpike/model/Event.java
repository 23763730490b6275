package dev.turnpike.model;

import java.time.Instant;

/**
 * One thing an agent's hook or plugin told us. A hint: the agent's own record is the truth, except
 * for agents that keep none.
 *
 * @param at when the hook client started, by its own clock
 * @param destination where a turn of this event goes, resolved when it arrived
 */
public record Event(
    EventId id,
    AgentId agent,
    Instant at,
    Caller caller,
    DestinationId destination,
    EventBody body) {}
