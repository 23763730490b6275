package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** JSON with its texts cut to a length: still JSON. */
final class Shortened {
  private Shortened() {}

  static JsonNode of(JsonNode node, int limitChars) {
    if (node.isTextual()) {
      String text = node.asText();
      return text.length() <= limitChars
          ? node
          : JsonNodeFactory.instance.textNode(text.substring(0, limitChars) + "…");
    }
    if (node.isObject()) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      node.properties().forEach(e -> copy.set(e.getKey(), of(e.getValue(), limitChars)));
      return copy;
    }
    if (node.isArray()) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode();
      node.forEach(element -> copy.add(of(element, limitChars)));
      return copy;
    }
    return node;
  }

  static long chars(JsonNode node) {
    long chars = node.isTextual() ? node.asText().length() : 8;
    for (JsonNode child : node) {
      chars += chars(child);
    }
    return chars;
  }
}
