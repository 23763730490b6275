package dev.turnpike;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.claudecode.ClaudeCode;
import dev.turnpike.agent.claudecode.ClaudeCodeInstaller;
import dev.turnpike.agent.opencode.OpenCode;
import dev.turnpike.agent.opencode.OpenCodeInstaller;
import java.util.List;

/** The agents Turnpike knows, one line each. */
final class Agents {
  private Agents() {}

  static List<Agent<?>> all() {
    return List.of(
        new ClaudeCode(new ClaudeCodeInstaller()), new OpenCode(new OpenCodeInstaller()));
  }
}
