package dev.turnpike.agent.codex;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;

/**
 * OpenAI's Codex. Made against 0.169.0 and, for the older rows, 0.142.3. See docs/agents/codex.md.
 */
public final class Codex implements Agent<CodexSignal> {
  static final AgentId ID = new AgentId("codex");

  private final Installer installer;

  public Codex(Installer installer) {
    this.installer = installer;
  }

  @Override
  public AgentId id() {
    return ID;
  }

  @Override
  public String displayName() {
    return "Codex";
  }

  @Override
  public Interpretation<CodexSignal> interpret(Event event) {
    return SignalParser.interpret(event);
  }

  @Override
  public TurnAssembler<CodexSignal> assembler(SessionRef ref) {
    return new CodexAssembler(ref);
  }

  @Override
  public Installer installer() {
    return installer;
  }
}
