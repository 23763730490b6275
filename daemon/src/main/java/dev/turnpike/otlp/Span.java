package dev.turnpike.otlp;

import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A span as its emitter ended it, validated: ids are well-formed, the end is not before the start.
 *
 * @param parent absent on the root of a trace
 * @param kind OTLP's number: 1 internal, 3 client
 * @param status OTLP's number: 0 unset, 1 ok, 2 error
 */
public record Span(
    TraceId trace,
    SpanId id,
    @Nullable SpanId parent,
    String name,
    int kind,
    Instant start,
    Instant end,
    Map<String, Value> attributes,
    List<Happening> events,
    int status,
    String statusMessage) {
  private static final int ERROR = 2;

  /** Something that happened within a span. */
  public record Happening(String name, Instant at, Map<String, Value> attributes) {
    public Happening {
      attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }
  }

  public Span {
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    events = List.copyOf(events);
  }

  public boolean failed() {
    return status == ERROR;
  }

  /** The first of these attributes that is there and says something. */
  public Optional<String> text(String... keys) {
    for (String key : keys) {
      Value value = attributes.get(key);
      if (value != null) {
        Optional<String> text = value.scalar().filter(some -> !some.isBlank());
        if (text.isPresent()) {
          return text;
        }
      }
    }
    return Optional.empty();
  }

  /** The first of these attributes that is a whole number. */
  public OptionalLong whole(String... keys) {
    for (String key : keys) {
      Value value = attributes.get(key);
      if (value != null && value.whole().isPresent()) {
        return value.whole();
      }
    }
    return OptionalLong.empty();
  }

  public boolean has(String key) {
    return attributes.containsKey(key);
  }
}
