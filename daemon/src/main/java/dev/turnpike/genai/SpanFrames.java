package dev.turnpike.genai;

import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.SpanId;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What every observation has, out of its span: times, how it went, metadata. */
record SpanFrames(Dialect dialect) {
  private static final int LIMIT_VALUE_CHARS = 500;

  /** Attributes of the conventions that go to the metadata, and under which name. */
  private static final Map<String, String> CONVENTIONS =
      Map.ofEntries(
          Map.entry("gen_ai.response.id", "request_id"),
          Map.entry("gen_ai.response.finish_reasons", "stop_reason"),
          Map.entry("gen_ai.provider.name", "provider"),
          Map.entry("gen_ai.agent.name", "agent_name"),
          Map.entry("gen_ai.tool.type", "tool_type"),
          Map.entry("process.exit.code", "exit_code"),
          Map.entry("error.type", "error_type"));

  Frame of(Span span, @Nullable SpanId parent, String name) {
    Optional<String> warning = span.failed() ? Optional.empty() : warning(span);
    Level level = span.failed() ? Level.ERROR : warning.isPresent() ? Level.WARNING : Level.DEFAULT;
    String status = span.failed() ? failure(span) : warning.orElse(null);
    return new Frame(span.id(), parent, name, span.start(), span.end(), level, status, said(span));
  }

  private static String failure(Span span) {
    String message = message(span);
    return message.isBlank() ? span.text("error.type").orElse("failed") : message;
  }

  private Optional<String> warning(Span span) {
    long exit = span.whole("process.exit.code").orElse(0);
    return exit != 0 ? Optional.of("exit code " + exit) : dialect.cutOff(span);
  }

  private Map<String, String> said(Span span) {
    var metadata = new LinkedHashMap<String, String>();
    for (Map<String, String> keys : List.of(CONVENTIONS, dialect.metadata())) {
      keys.forEach(
          (attribute, key) ->
              shown(span.attributes().get(attribute))
                  .ifPresent(text -> metadata.putIfAbsent(key, cut(text))));
    }
    return metadata;
  }

  /** The status's own words, else those of the exception. */
  static String message(Span span) {
    if (!span.statusMessage().isBlank()) {
      return span.statusMessage();
    }
    return span.events().stream()
        .map(event -> event.attributes().get("exception.message"))
        .flatMap(said -> Optional.ofNullable(said).flatMap(Value::scalar).stream())
        .findFirst()
        .orElse("");
  }

  private static Optional<String> shown(@Nullable Value value) {
    if (value instanceof Value.Items(var items)) {
      var words = new ArrayList<String>();
      items.forEach(item -> item.scalar().ifPresent(words::add));
      return words.isEmpty() ? Optional.empty() : Optional.of(String.join(",", words));
    }
    return Optional.ofNullable(value).flatMap(Value::scalar).filter(text -> !text.isBlank());
  }

  private static String cut(String text) {
    return text.length() <= LIMIT_VALUE_CHARS ? text : text.substring(0, LIMIT_VALUE_CHARS);
  }
}
