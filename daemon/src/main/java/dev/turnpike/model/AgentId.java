package dev.turnpike.model;

import java.util.regex.Pattern;

/**
 * The name of a coding agent, as it stands in the socket's URLs, in ids and in tags: {@code
 * claude-code}, {@code codex}. Lower-case letters, digits and dashes, at most 40 characters.
 */
public record AgentId(String value) implements Comparable<AgentId> {
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

  public AgentId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not an agent name: " + value);
    }
  }

  /**
   * Whether {@code text} could be an agent's name; says nothing about whether there is such an
   * agent.
   */
  public static boolean isWellFormed(String text) {
    return FORM.matcher(text).matches();
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
