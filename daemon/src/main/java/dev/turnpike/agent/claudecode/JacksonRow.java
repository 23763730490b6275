package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.turnpike.agent.AgentJson;
import java.io.IOException;
import java.util.Set;

/** A row as Jackson reads it: those that {@link QuickRow} leaves to it. */
final class JacksonRow {
  /** One for all: there may be thousands of sessions. */
  static final JsonMapper JSON =
      AgentJson.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private JacksonRow() {}

  static Members read(byte[] bytes) throws IOException {
    var row = JsonNodeFactory.instance.objectNode();
    String type = null;
    try (var parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Members.NoObject();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("type") && value == JsonToken.VALUE_STRING) {
          type = parser.getText();
          if (Members.ofNoUse(type)) {
            return new Members.OfNoUse();
          }
        } else if (name.equals("attachment") && value == JsonToken.START_OBJECT) {
          row.set(name, picked(parser, Members.READ_OF_ATTACHMENT));
        } else if (name.equals("toolUseResult") && value == JsonToken.START_OBJECT) {
          row.set(name, picked(parser, Members.READ_OF_RESULT));
        } else if (Members.READ.contains(name)) {
          row.set(name, node(parser, value));
        } else {
          parser.skipChildren();
        }
      }
    }
    return new Members.Picked(type, row);
  }

  private static ObjectNode picked(JsonParser parser, Set<String> wanted) throws IOException {
    var node = JsonNodeFactory.instance.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean take =
          wanted.contains(name) && (!name.equals("content") || value == JsonToken.START_ARRAY);
      if (take) {
        node.set(name, node(parser, value));
      } else {
        parser.skipChildren();
      }
    }
    return node;
  }

  /** Most fields are one string, for which databind makes more than the string. */
  private static JsonNode node(JsonParser parser, JsonToken value) throws IOException {
    return switch (value) {
      case VALUE_STRING -> TextNode.valueOf(parser.getText());
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> NullNode.instance;
      default -> JSON.readTree(parser);
    };
  }
}
