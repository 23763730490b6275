package dev.turnpike.agent.copilot;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Emitter;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import dev.turnpike.platform.Paths;
import java.nio.file.Path;
import java.util.Optional;

/**
 * GitHub Copilot. Spans come over the OTLP receiver and are the only copy of what they say; hooks
 * of a process whose telemetry is on carry its {@code traceparent} and make no spans.
 */
public final class Copilot implements Agent<CopilotSignal> {
  static final AgentId ID = new AgentId("copilot");

  private final SignalParser parser = new SignalParser();
  private final Installer installer;
  private final Path home;

  public Copilot(Installer installer) {
    this(installer, Paths.home());
  }

  /**
   * @param home of the user, below which the CLI keeps its sessions
   */
  Copilot(Installer installer, Path home) {
    this.installer = installer;
    this.home = home;
  }

  @Override
  public AgentId id() {
    return ID;
  }

  @Override
  public String displayName() {
    return "GitHub Copilot";
  }

  @Override
  public Interpretation<CopilotSignal> interpret(Event event) {
    return parser.interpret(event);
  }

  @Override
  public TurnAssembler<CopilotSignal> assembler(SessionRef ref) {
    return new CopilotAssembler(ref, new SessionFolder(home, ref.key().session().value()));
  }

  @Override
  public Installer installer() {
    return installer;
  }

  @Override
  public boolean onlyCopy() {
    return true;
  }

  @Override
  public Optional<Emitter> emitter() {
    return Optional.of(new CopilotSpans());
  }
}
