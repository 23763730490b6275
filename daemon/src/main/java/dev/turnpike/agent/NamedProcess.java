package dev.turnpike.agent;

import dev.turnpike.model.Caller;
import java.util.OptionalLong;

/**
 * The agent's process, for agents that start a hook through a shell: the caller's parent is then a
 * shell that is gone a moment later, so our registration names the shell's parent in {@code
 * TURNPIKE_AGENT_PID}.
 */
public final class NamedProcess {
  private static final String NAMED = "TURNPIKE_AGENT_PID";

  private NamedProcess() {}

  public static OptionalLong of(Caller caller) {
    String text = caller.environment().getOrDefault(NAMED, "");
    return text.matches("[1-9][0-9]{0,9}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }
}
