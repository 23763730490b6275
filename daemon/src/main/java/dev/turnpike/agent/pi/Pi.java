package dev.turnpike.agent.pi;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;

/**
 * The Pi coding agent ({@code @earendil-works/pi-coding-agent}), made against 0.87.1 and 1.5.2. See
 * docs/agents/pi.md.
 */
public final class Pi implements Agent<PiSignal> {
  private static final AgentId ID = new AgentId("pi");

  private final SignalParser signals = new SignalParser();
  private final Installer installer;

  public Pi(Installer installer) {
    this.installer = installer;
  }

  @Override
  public AgentId id() {
    return ID;
  }

  @Override
  public String displayName() {
    return "Pi";
  }

  @Override
  public Interpretation<PiSignal> interpret(Event event) {
    return signals.interpret(event);
  }

  @Override
  public TurnAssembler<PiSignal> assembler(SessionRef ref) {
    return new PiAssembler(ref);
  }

  @Override
  public Installer installer() {
    return installer;
  }

  /** Sub-agents' sessions have no file, and no file tells when a tool began. */
  @Override
  public boolean onlyCopy() {
    return true;
  }
}
