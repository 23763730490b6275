package dev.turnpike.model;

/**
 * The name of a coding agent, as it stands in the socket's URLs, in ids and in tags: {@code
 * claude-code}, {@code codex}. Lower-case letters, digits and dashes, at most 40 characters.
 */
public record AgentId(String value) implements Comparable<AgentId> {
  private static final int CHARS_MAX = 40;

  public AgentId {
    if (!isWellFormed(value)) {
      throw new IllegalArgumentException("not an agent name: " + value);
    }
  }

  /**
   * Whether {@code text} could be an agent's name; says nothing about whether there is such an
   * agent.
   */
  public static boolean isWellFormed(String text) {
    boolean good = !text.isEmpty() && text.length() <= CHARS_MAX && text.charAt(0) != '-';
    for (int i = 0; good && i < text.length(); i++) {
      good = allowed(text.charAt(i));
    }
    return good;
  }

  private static boolean allowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  }

  @Override
  public int compareTo(AgentId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
