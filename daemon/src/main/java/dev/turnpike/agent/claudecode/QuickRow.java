package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.turnpike.agent.JsonBytes;
import dev.turnpike.agent.JsonBytes.Repeated;
import dev.turnpike.agent.JsonBytes.Unsure;
import dev.turnpike.agent.Names;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A row as {@link JacksonRow} reads it, in a third of the time. Of a message it takes only the
 * members that somebody asks for.
 */
final class QuickRow {
  private static final Names ROW = names(Members.READ, "type", "attachment", "toolUseResult");
  private static final Names ATTACHMENT = new Names(Members.READ_OF_ATTACHMENT);
  private static final Names RESULT = new Names(Members.READ_OF_RESULT);
  private static final Names MESSAGE = Names.of("id", "model", "content", "stop_reason", "usage");
  private static final Names USAGE =
      Names.of(
          "input_tokens",
          "cache_read_input_tokens",
          "cache_creation_input_tokens",
          "cache_creation",
          "output_tokens",
          "output_tokens_details",
          "service_tier",
          "speed");
  private static final Names BLOCK =
      Names.of(
          "type",
          "text",
          "thinking",
          "id",
          "tool_use_id",
          "name",
          "input",
          "is_error",
          "content",
          "source");

  /** Values that come in row after row. */
  private static final Names WORDS =
      Names.of(
          "user",
          "assistant",
          "system",
          "attachment",
          "api-request",
          "queue-operation",
          "text",
          "thinking",
          "tool_use",
          "tool_result",
          "end_turn",
          "standard",
          "enqueue",
          "dequeue");

  private final JsonBytes json = new JsonBytes();

  /** Values that are mostly what they were in the row before, by the names of their members. */
  private final Map<String, Repeated> repeated = new HashMap<>();

  QuickRow() {
    for (String name :
        Set.of(
            "sessionId",
            "version",
            "cwd",
            "gitBranch",
            "promptId",
            "requestedModel",
            "effort",
            "model")) {
      repeated.put(name, Repeated.NONE);
    }
  }

  private static Names names(Set<String> names, String... further) {
    var all = new HashSet<>(names);
    all.addAll(Set.of(further));
    return new Names(all);
  }

  /** Null: the row is Jackson's. */
  @Nullable Members read(byte[] bytes) {
    json.begin(bytes);
    try {
      return row();
    } catch (Unsure e) {
      return null;
    } finally {
      json.end();
    }
  }

  private Members row() throws Unsure {
    var row = JsonNodeFactory.instance.objectNode();
    String type = null;
    for (boolean more = json.enter('{', '}'); more; more = json.more('}')) {
      String name = json.name(ROW);
      if (name == null) {
        json.skip();
        continue;
      }
      int first = json.peek();
      switch (name) {
        case "type" -> {
          if (first == '"') {
            type = json.text(WORDS);
            if (Members.ofNoUse(type)) {
              return new Members.OfNoUse();
            }
          } else {
            json.skip();
          }
        }
        case "attachment", "toolUseResult" -> {
          if (first == '{') {
            row.set(name, picked(name.equals("attachment") ? ATTACHMENT : RESULT));
          } else {
            json.skip();
          }
        }
        case "message" -> row.set(name, first == '{' ? message() : node(0));
        default -> row.set(name, value(name));
      }
    }
    return new Members.Picked(type, row);
  }

  private ObjectNode picked(Names names) throws Unsure {
    var node = JsonNodeFactory.instance.objectNode();
    for (boolean more = json.enter('{', '}'); more; more = json.more('}')) {
      String name = json.name(names);
      if (name == null || (name.equals("content") && json.peek() != '[')) {
        json.skip();
      } else {
        node.set(name, node(0));
      }
    }
    return node;
  }

  private JsonNode message() throws Unsure {
    var node = JsonNodeFactory.instance.objectNode();
    for (boolean more = json.enter('{', '}'); more; more = json.more('}')) {
      String name = json.name(MESSAGE);
      if (name == null) {
        json.skip();
        continue;
      }
      int first = json.peek();
      if (name.equals("usage") && first == '{') {
        node.set(name, members(USAGE));
      } else if (name.equals("content") && first == '[') {
        node.set(name, blocks());
      } else {
        node.set(name, value(name));
      }
    }
    return node;
  }

  private JsonNode blocks() throws Unsure {
    var blocks = JsonNodeFactory.instance.arrayNode();
    for (boolean more = json.enter('[', ']'); more; more = json.more(']')) {
      blocks.add(json.peek() == '{' ? members(BLOCK) : node(0));
    }
    return blocks;
  }

  private JsonNode members(Names names) throws Unsure {
    var node = JsonNodeFactory.instance.objectNode();
    for (boolean more = json.enter('{', '}'); more; more = json.more('}')) {
      String name = json.name(names);
      if (name == null) {
        json.skip();
      } else {
        node.set(name, value(name));
      }
    }
    return node;
  }

  /** A value that may be one of those that come again and again. */
  private JsonNode value(String name) throws Unsure {
    if (json.peek() != '"') {
      return node(0);
    }
    Repeated before = repeated.get(name);
    if (before == null) {
      return TextNode.valueOf(json.text(WORDS));
    }
    Repeated now = json.repeated(before);
    if (now != before) {
      repeated.put(name, now);
    }
    return TextNode.valueOf(now.text());
  }

  /** Any value, whole. */
  private JsonNode node(int depth) throws Unsure {
    int first = json.peek();
    return switch (first) {
      case '"' -> TextNode.valueOf(json.text());
      case '{' -> object(depth);
      case '[' -> array(depth);
      case 't' -> {
        json.word("true");
        yield BooleanNode.TRUE;
      }
      case 'f' -> {
        json.word("false");
        yield BooleanNode.FALSE;
      }
      case 'n' -> {
        json.word("null");
        yield NullNode.instance;
      }
      default -> number();
    };
  }

  private JsonNode object(int depth) throws Unsure {
    JsonBytes.limit(depth);
    var node = JsonNodeFactory.instance.objectNode();
    for (boolean more = json.enter('{', '}'); more; more = json.more('}')) {
      node.set(json.name(), node(depth + 1));
    }
    return node;
  }

  private JsonNode array(int depth) throws Unsure {
    JsonBytes.limit(depth);
    var node = JsonNodeFactory.instance.arrayNode();
    for (boolean more = json.enter('[', ']'); more; more = json.more(']')) {
      node.add(node(depth + 1));
    }
    return node;
  }

  private JsonNode number() throws Unsure {
    long value = json.integer();
    return value == (int) value
        ? JsonNodeFactory.instance.numberNode((int) value)
        : JsonNodeFactory.instance.numberNode(value);
  }
}
