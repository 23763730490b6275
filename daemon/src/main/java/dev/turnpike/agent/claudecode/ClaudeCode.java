package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;

/**
 * Anthropic's Claude Code: command line, terminal and headless. Made against 2.1.329; what older
 * versions did otherwise is handled where it is known. See docs/agents/claude-code.md.
 */
public final class ClaudeCode implements Agent<ClaudeSignal> {
  static final AgentId ID = new AgentId("claude-code");

  private final SignalParser signals = new SignalParser();
  private final Installer installer;

  public ClaudeCode(Installer installer) {
    this.installer = installer;
  }

  @Override
  public AgentId id() {
    return ID;
  }

  @Override
  public String displayName() {
    return "Claude Code";
  }

  @Override
  public Interpretation<ClaudeSignal> interpret(Event event) {
    return signals.interpret(event);
  }

  @Override
  public TurnAssembler<ClaudeSignal> assembler(SessionRef ref) {
    return new ClaudeAssembler(ref);
  }

  @Override
  public Installer installer() {
    return installer;
  }
}
