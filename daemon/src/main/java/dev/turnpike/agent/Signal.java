package dev.turnpike.agent;

import dev.turnpike.model.SessionId;
import java.util.Optional;
import java.util.OptionalLong;

/** What the session room needs to know of an event, whatever the agent. */
public interface Signal {
  enum Moment {
    SESSION_STARTED,
    PROMPT_SUBMITTED,
    /** The agent says a turn (or a sub-agent) ended: its last rows may not be on disk yet. */
    TURN_ENDED,
    SESSION_ENDED,
    ACTIVITY
  }

  SessionId session();

  Moment moment();

  /**
   * The agent's own id of the prompt this event belongs to, where it has one. A turn follows the
   * terms (consent, destination) of the events of its prompt.
   */
  Optional<String> prompt();

  /** Process id of the agent, if it can be trusted to live as long as the session's turn. */
  OptionalLong agentPid();
}
