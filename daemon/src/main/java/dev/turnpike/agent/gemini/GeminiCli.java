package dev.turnpike.agent.gemini;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;

/**
 * Google's Gemini CLI: terminal and headless. Made against 0.61.0; sessions are kept as JSON lines
 * from about 0.40 on. See docs/agents/gemini-cli.md.
 */
public final class GeminiCli implements Agent<GeminiSignal> {
  static final AgentId ID = new AgentId("gemini-cli");

  private final SignalParser signals = new SignalParser(new AgentProcess());
  private final Installer installer;
  private final OtherHooks others;

  public GeminiCli(Installer installer) {
    this(installer, OtherHooks.ofFiles(GeminiInstaller.administrators()));
  }

  GeminiCli(Installer installer, OtherHooks others) {
    this.installer = installer;
    this.others = others;
  }

  @Override
  public AgentId id() {
    return ID;
  }

  @Override
  public String displayName() {
    return "Gemini CLI";
  }

  @Override
  public Interpretation<GeminiSignal> interpret(Event event) {
    return signals.interpret(event);
  }

  @Override
  public TurnAssembler<GeminiSignal> assembler(SessionRef ref) {
    return new GeminiAssembler(ref, others);
  }

  @Override
  public Installer installer() {
    return installer;
  }
}
