package dev.turnpike.genai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.turnpike.otlp.Value;

/**
 * A value of an attribute as text: a structure as JSON, which the conventions allow beside text.
 */
final class ValueText {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ValueText() {}

  static String of(Value value) {
    return value.scalar().orElseGet(() -> node(value).toString());
  }

  private static JsonNode node(Value value) {
    return switch (value) {
      case Value.Text(var text) -> NODES.textNode(text);
      case Value.Bool(var bool) -> NODES.booleanNode(bool);
      case Value.Int(var number) -> NODES.numberNode(number);
      case Value.Real(var number) -> NODES.numberNode(number);
      case Value.Items(var items) -> {
        var array = NODES.arrayNode();
        items.forEach(item -> array.add(node(item)));
        yield array;
      }
      case Value.Fields(var fields) -> {
        var object = NODES.objectNode();
        fields.forEach((key, field) -> object.set(key, node(field)));
        yield object;
      }
    };
  }
}
