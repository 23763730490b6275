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

  static Members read(byte[] bytes, int from, int to) throws IOException {
    var row = new Members.Row();
    String type = null;
    try (var parser = JSON.createParser(bytes, from, to - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Members.NoObject();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        Member member = Member.BY_NAME.get(parser.currentName());
        JsonToken value = parser.nextToken();
        switch (member) {
          case null -> parser.skipChildren();
          case TYPE -> {
            if (value == JsonToken.VALUE_STRING) {
              type = parser.getText();
              if (Members.ofNoUse(type)) {
                return new Members.OfNoUse();
              }
            } else {
              parser.skipChildren();
            }
          }
          case ATTACHMENT, TOOL_USE_RESULT -> {
            if (value == JsonToken.START_OBJECT) {
              row.set(member, picked(parser, Members.readOf(member)));
            } else {
              parser.skipChildren();
            }
          }
          default -> row.set(member, node(parser, value));
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
