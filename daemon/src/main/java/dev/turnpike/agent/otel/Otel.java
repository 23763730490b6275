package dev.turnpike.agent.otel;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Emitter;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import dev.turnpike.otlp.SpanEnvelope;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Any agent that emits spans by OpenTelemetry's GenAI conventions (1.37 and later) and is pointed
 * at {@code /otel}. See docs/agents/otel.md.
 */
public final class Otel implements Agent<OtelSignal> {
  static final AgentId ID = new AgentId("otel");

  private final Installer installer;

  public Otel(Installer installer) {
    this.installer = installer;
  }

  @Override
  public AgentId id() {
    return ID;
  }

  @Override
  public String displayName() {
    return "OpenTelemetry";
  }

  @Override
  public Interpretation<OtelSignal> interpret(Event event) {
    if (!SpanEnvelope.EVENT_NAME.equals(event.caller().eventName())) {
      // somebody's hook calls `turnpike-hook otel`
      return new Interpretation.Ignored<>("event.unknown");
    }
    try (InputStream body = event.body().open()) {
      return SpanEnvelope.head(body)
          .<Interpretation<OtelSignal>>map(
              head ->
                  new Interpretation.Understood<>(
                      new OtelSignal(
                          head.session(),
                          head.root() ? Moment.TURN_ENDED : Moment.ACTIVITY,
                          Optional.of(head.trace().hex()))))
          .orElseGet(() -> new Interpretation.Malformed<>("event.malformed.spans"));
    } catch (IOException e) {
      return new Interpretation.Malformed<>("event.malformed.unreadable");
    }
  }

  @Override
  public TurnAssembler<OtelSignal> assembler(SessionRef ref) {
    return new OtelAssembler(ref);
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
    return Optional.of(new OtelSpans());
  }
}
