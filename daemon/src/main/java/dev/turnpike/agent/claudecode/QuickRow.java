package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.Member.CWD;
import static dev.turnpike.agent.claudecode.Member.EFFORT;
import static dev.turnpike.agent.claudecode.Member.GIT_BRANCH;
import static dev.turnpike.agent.claudecode.Member.PROMPT_ID;
import static dev.turnpike.agent.claudecode.Member.REQUESTED_MODEL;
import static dev.turnpike.agent.claudecode.Member.SESSION_ID;
import static dev.turnpike.agent.claudecode.Member.VERSION;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.turnpike.agent.JsonBytes;
import dev.turnpike.agent.JsonBytes.Unsure;
import dev.turnpike.agent.Names;
import dev.turnpike.agent.Repeated;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A row as {@link JacksonRow} reads it, in a third of the time. Of a message it takes only the
 * members that somebody asks for.
 */
final class QuickRow {
  private static final Names<Member> ROW = new Names<>(Member.BY_NAME);
  private static final Names<String> ATTACHMENT = Names.of(Members.READ_OF_ATTACHMENT);
  private static final Names<String> RESULT = Names.of(Members.READ_OF_RESULT);
  private static final Names<String> MESSAGE =
      Names.of(Set.of("id", "model", "content", "stop_reason", "usage"));
  private static final Names<String> USAGE =
      Names.of(
          Set.of(
              "input_tokens",
              "cache_read_input_tokens",
              "cache_creation_input_tokens",
              "cache_creation",
              "output_tokens",
              "output_tokens_details",
              "service_tier",
              "speed"));
  private static final Names<String> BLOCK =
      Names.of(
          Set.of(
              "type",
              "text",
              "thinking",
              "id",
              "tool_use_id",
              "name",
              "input",
              "is_error",
              "content",
              "source"));

  /** Values that come in row after row. */
  private static final Names<String> WORDS =
      Names.of(
          Set.of(
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
              "dequeue"));

  private final JsonBytes json = new JsonBytes();

  /** Values of members that are mostly what they were in the row before. */
  private final EnumMap<Member, Repeated> repeated = new EnumMap<>(Member.class);

  private Repeated model = Repeated.NONE;

  QuickRow() {
    for (Member member :
        EnumSet.of(SESSION_ID, VERSION, CWD, GIT_BRANCH, PROMPT_ID, REQUESTED_MODEL, EFFORT)) {
      repeated.put(member, Repeated.NONE);
    }
  }

  /** Null: the row is Jackson's. */
  @Nullable Members read(byte[] bytes, int from, int to) {
    json.begin(bytes, from, to);
    try {
      return row();
    } catch (Unsure e) {
      return null;
    } finally {
      json.end();
    }
  }

  private Members row() throws Unsure {
    var row = new Members.Row();
    String type = null;
    for (boolean more = json.enter('{', '}'); more; more = json.more('}')) {
      Member member = json.name(ROW);
      if (member == null) {
        json.skip();
        continue;
      }
      int first = json.peek();
      switch (member) {
        case TYPE -> {
          if (first == '"') {
            type = json.text(WORDS);
            if (Members.ofNoUse(type)) {
              return new Members.OfNoUse();
            }
          } else {
            json.skip();
          }
        }
        case ATTACHMENT, TOOL_USE_RESULT -> {
          if (first == '{') {
            row.set(member, picked(member == Member.ATTACHMENT ? ATTACHMENT : RESULT));
          } else {
            json.skip();
          }
        }
        case MESSAGE -> row.set(member, first == '{' ? message() : node(0));
        default -> row.set(member, value(member, first));
      }
    }
    return new Members.Picked(type, row);
  }

  private ObjectNode picked(Names<String> names) throws Unsure {
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
      } else if (name.equals("model") && first == '"') {
        model = json.repeated(model);
        node.set(name, TextNode.valueOf(model.text()));
      } else {
        node.set(name, word(first));
      }
    }
    return node;
  }

  private JsonNode blocks() throws Unsure {
    var blocks = JsonNodeFactory.instance.arrayNode();
    for (boolean more = json.enter('[', ']'); more; more = json.more(']')) {
      blocks.add(json.peek() == '{' ? block() : node(0));
    }
    return blocks;
  }

  private JsonNode block() throws Unsure {
    var node = JsonNodeFactory.instance.objectNode();
    for (boolean more = json.enter('{', '}'); more; more = json.more('}')) {
      String name = json.name(BLOCK);
      if (name == null) {
        json.skip();
      } else if (name.equals("input")) {
        node.set(name, input());
      } else {
        node.set(name, word(json.peek()));
      }
    }
    return node;
  }

  /**
   * All that is done with a tool's input is to write it again: its text, where it is the one that
   * Jackson would write.
   */
  private JsonNode input() throws Unsure {
    String text = json.compact();
    return text == null ? node(0) : new POJONode(text);
  }

  private JsonNode members(Names<String> names) throws Unsure {
    var node = JsonNodeFactory.instance.objectNode();
    for (boolean more = json.enter('{', '}'); more; more = json.more('}')) {
      String name = json.name(names);
      if (name == null) {
        json.skip();
      } else {
        node.set(name, word(json.peek()));
      }
    }
    return node;
  }

  private JsonNode value(Member member, int first) throws Unsure {
    Repeated before = repeated.get(member);
    if (before == null || first != '"') {
      return word(first);
    }
    Repeated now = json.repeated(before);
    if (now != before) {
      repeated.put(member, now);
    }
    return TextNode.valueOf(now.text());
  }

  /** A value that may be one of those that come again and again. */
  private JsonNode word(int first) throws Unsure {
    return first == '"' ? TextNode.valueOf(json.text(WORDS)) : node(0);
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
