package dev.turnpike;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.claudecode.ClaudeCode;
import dev.turnpike.agent.claudecode.ClaudeCodeInstaller;
import dev.turnpike.agent.codex.Codex;
import dev.turnpike.agent.codex.CodexInstaller;
import dev.turnpike.agent.copilot.Copilot;
import dev.turnpike.agent.copilot.CopilotInstaller;
import dev.turnpike.agent.gemini.GeminiCli;
import dev.turnpike.agent.gemini.GeminiInstaller;
import dev.turnpike.agent.opencode.OpenCode;
import dev.turnpike.agent.opencode.OpenCodeInstaller;
import dev.turnpike.agent.pi.Pi;
import dev.turnpike.agent.pi.PiInstaller;
import dev.turnpike.platform.Paths;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The agents Turnpike knows, one line each. */
final class Agents {
  private Agents() {}

  static List<Agent<?>> all() {
    return List.of(
        new ClaudeCode(new ClaudeCodeInstaller()),
        new Codex(new CodexInstaller()),
        new Copilot(new CopilotInstaller(), Paths.home()),
        new GeminiCli(new GeminiInstaller()),
        new OpenCode(new OpenCodeInstaller(image())),
        new Pi(new PiInstaller(image())));
  }

  /** The image that runs, where `bin/turnpike` said so: it holds the files of plugins. */
  private static Optional<Path> image() {
    return Optional.ofNullable(System.getProperty("turnpike.image")).map(Path::of);
  }
}
