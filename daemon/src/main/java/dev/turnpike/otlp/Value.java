package dev.turnpike.otlp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The value of an attribute: an OTLP {@code AnyValue}. */
public sealed interface Value {
  record Text(String text) implements Value {}

  record Bool(boolean value) implements Value {}

  record Int(long value) implements Value {}

  record Real(double value) implements Value {}

  record Items(List<Value> items) implements Value {
    public Items {
      items = List.copyOf(items);
    }
  }

  record Fields(Map<String, Value> fields) implements Value {
    public Fields {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
  }

  static Value empty() {
    return new Text("");
  }

  /** A scalar as text; empty for lists and maps. */
  default Optional<String> scalar() {
    return switch (this) {
      case Text(var text) -> Optional.of(text);
      case Bool(var value) -> Optional.of(Boolean.toString(value));
      case Int(var value) -> Optional.of(Long.toString(value));
      case Real(var value) -> Optional.of(Double.toString(value));
      case Items _, Fields _ -> Optional.empty();
    };
  }

  /** A whole number, however it was sent: some emitters send counts as text or as doubles. */
  default OptionalLong whole() {
    return switch (this) {
      case Int(var value) -> OptionalLong.of(value);
      case Real(var value) ->
          value == Math.rint(value) && Math.abs(value) < 1e15
              ? OptionalLong.of((long) value)
              : OptionalLong.empty();
      case Text(var text) ->
          text.matches("-?\\d{1,18}")
              ? OptionalLong.of(Long.parseLong(text))
              : OptionalLong.empty();
      case Bool _, Items _, Fields _ -> OptionalLong.empty();
    };
  }
}
