package dev.turnpike.export;

import java.util.List;

/**
 * One attribute of an OTLP resource or span. Whatever has structure is JSON text in a {@link Text}.
 */
public sealed interface Attribute {
  String key();

  record Text(String key, String value) implements Attribute {}

  record Texts(String key, List<String> values) implements Attribute {
    public Texts {
      values = List.copyOf(values);
    }
  }
}
