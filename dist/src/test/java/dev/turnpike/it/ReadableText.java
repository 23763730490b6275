package dev.turnpike.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text a person would read in an observation's input or output: plain, or JSON messages. */
final class ReadableText {
  private static final List<String> TEXT_KEYS =
      List.of("text", "content", "parts", "message", "prompt", "output", "answer");

  private ReadableText() {}

  static String text(@Nullable String value) {
    return String.join("\n", parts(value)).strip();
  }

  /** Whether the value reads as this; where it has several parts, however they are joined. */
  static boolean same(@Nullable String value, String wanted) {
    return text(value).equals(wanted.strip())
        || String.join("", parts(value)).strip().equals(wanted.strip());
  }

  private static List<String> parts(@Nullable String value) {
    var parts = new ArrayList<String>();
    if (value != null) {
      JsonNode json = json(value);
      if (json == null) {
        parts.add(value);
      } else {
        collect(json, parts);
      }
    }
    return parts;
  }

  /** Whether the value, as text or somewhere in its JSON, holds this. */
  static boolean holds(@Nullable String value, String wanted) {
    if (value == null) {
      return wanted.isEmpty();
    }
    if (value.contains(wanted.strip())
        || text(value).contains(wanted.strip())
        || String.join("", parts(value)).contains(wanted.strip())) {
      return true;
    }
    JsonNode json = json(value);
    return json != null && strings(json).stream().anyMatch(part -> part.contains(wanted.strip()));
  }

  private static List<String> strings(JsonNode node) {
    var all = new ArrayList<String>();
    if (node.isTextual()) {
      all.add(node.asText());
    }
    node.forEach(child -> all.addAll(strings(child)));
    return all;
  }

  private static @Nullable JsonNode json(String value) {
    if (!value.startsWith("{") && !value.startsWith("[") && !value.startsWith("\"")) {
      return null;
    }
    try {
      return Fixture.JSON.readTree(value);
    } catch (JsonProcessingException e) {
      return null; // a text that begins like JSON
    }
  }

  private static void collect(JsonNode node, List<String> into) {
    if (node.isTextual()) {
      into.add(node.asText());
    } else if (node.isArray()) {
      node.forEach(part -> collect(part, into));
    } else if (node.isObject()
        && !node.path("type").asText("").matches(".*(thinking|reasoning|tool).*")) {
      for (String key : TEXT_KEYS) {
        if (node.hasNonNull(key)) {
          collect(node.get(key), into);
          return;
        }
      }
    }
  }
}
