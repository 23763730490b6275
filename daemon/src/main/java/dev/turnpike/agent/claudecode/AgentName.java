package dev.turnpike.agent.claudecode;

/** Ids of sub-agents become file names: only what the CLI makes itself is taken. */
final class AgentName {
  private AgentName() {}

  static boolean isWellFormed(String id) {
    return !id.isEmpty()
        && id.length() <= 100
        && id.chars().allMatch(c -> c == '-' || c == '_' || Character.isLetterOrDigit(c));
  }
}
