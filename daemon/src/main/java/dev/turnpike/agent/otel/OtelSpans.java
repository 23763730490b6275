package dev.turnpike.agent.otel;

import dev.turnpike.agent.Emitter;
import dev.turnpike.genai.Dialect;
import dev.turnpike.genai.Role;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Spans of an emitter nothing else is known of. */
final class OtelSpans implements Emitter, Dialect {
  /**
   * None by itself: whoever is to be traced here is pointed at our path. What other agents send of
   * themselves is traced otherwise, and must not be twice.
   */
  @Override
  public boolean owns(Source source) {
    return false;
  }

  @Override
  public String session(Source source, Span span) {
    return span.text("gen_ai.conversation.id", "session.id").orElse("");
  }

  @Override
  public boolean keeps(String attribute) {
    return Dialect.isOfTheTurn(attribute);
  }

  /** A trace in which a model or a tool was called; a program may have others. */
  @Override
  public boolean opensTurn(Span root, Collection<Span> spans) {
    return spans.stream().anyMatch(span -> Role.of(span) != Role.OTHER);
  }

  @Override
  public Optional<String> asked(Span root) {
    return Role.of(root) == Role.OTHER ? root.text("user_message") : Optional.empty();
  }

  /** OpenInference's, and what Goose puts on its spans. */
  @Override
  public List<String> inputs() {
    return List.of("input.value", "input");
  }

  @Override
  public List<String> outputs() {
    return List.of("output.value", "output");
  }

  /** The name of the provider before 1.37; some emitters send both. */
  @Override
  public Map<String, String> metadata() {
    return Map.of("gen_ai.system", "provider");
  }
}
