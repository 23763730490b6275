package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Fields of parsed JSON, where a missing one, a null and one of another type are the same. */
final class Json {
  private Json() {}

  static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() ? value.asText() : null;
  }

  static String text(JsonNode node, String field, String otherwise) {
    String text = text(node, field);
    return text == null ? otherwise : text;
  }

  /** Milliseconds since 1970 in {@code node.time.field}; absent if it is not said. */
  static @Nullable Instant time(JsonNode node, String field) {
    return instant(node.path("time").path(field));
  }

  static @Nullable Instant instant(JsonNode millis) {
    // years 1970 to 2286: anything else is no time
    return millis.isNumber() && millis.asLong() > 0 && millis.asLong() < 10_000_000_000_000L
        ? Instant.ofEpochMilli(millis.asLong())
        : null;
  }
}
