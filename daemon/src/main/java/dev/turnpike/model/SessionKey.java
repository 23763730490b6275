package dev.turnpike.model;

/** One conversation of one agent: what a session worker owns. */
public record SessionKey(AgentId agent, SessionId session) {
  @Override
  public String toString() {
    return agent + "/" + session;
  }
}
