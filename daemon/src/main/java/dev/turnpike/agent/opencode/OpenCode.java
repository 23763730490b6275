package dev.turnpike.agent.opencode;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;

/**
 * OpenCode, package {@code opencode-ai}: terminal, {@code run} and {@code serve}. Made against
 * 1.18.33. Its plugin (agent-plugins/opencode/turnpike.js) pushes the agent's events; there is no
 * transcript to read, so an event is the only copy of what it says.
 */
public final class OpenCode implements Agent<OpenCodeSignal> {
  static final AgentId ID = new AgentId("opencode");

  private final BatchReader reader = new BatchReader();
  private final Installer installer;

  public OpenCode(Installer installer) {
    this.installer = installer;
  }

  @Override
  public AgentId id() {
    return ID;
  }

  @Override
  public String displayName() {
    return "OpenCode";
  }

  @Override
  public Interpretation<OpenCodeSignal> interpret(Event event) {
    return reader.interpret(event);
  }

  @Override
  public TurnAssembler<OpenCodeSignal> assembler(SessionRef ref) {
    return new OpenCodeAssembler(ref, reader);
  }

  @Override
  public Installer installer() {
    return installer;
  }

  @Override
  public boolean onlyCopy() {
    return true;
  }
}
