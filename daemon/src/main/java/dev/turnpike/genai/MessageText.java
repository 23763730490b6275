package dev.turnpike.genai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Message;
import dev.turnpike.model.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code gen_ai.input.messages} and {@code gen_ai.output.messages}: JSON text.
 *
 * <pre>
 *   [{"role":"user","parts":[{"type":"text","content":"..."}]},
 *    {"role":"assistant","parts":[{"type":"reasoning","content":"..."},
 *                                 {"type":"tool_call","id":"call_1","name":"view","arguments":{...}}]},
 *    {"role":"tool","parts":[{"type":"tool_call_response","id":"call_1","response":"..."}]}]
 * </pre>
 */
public final class MessageText {
  static final String USER = "user";
  static final String ASSISTANT = "assistant";
  private static final JsonMapper MAPPER = new JsonMapper();

  private MessageText() {}

  /** What is not JSON is one text of that role; what has another shape is left out. */
  public static List<Message> read(String text, String roleOfPlainText) {
    try {
      JsonNode root = MAPPER.readTree(text);
      if (root.isObject()) {
        return message(root).map(List::of).orElse(List.of());
      }
      if (root.isArray()) {
        var messages = new ArrayList<Message>();
        root.forEach(one -> message(one).ifPresent(messages::add));
        return messages;
      }
    } catch (JsonProcessingException e) {
      // an emitter that sends the text itself
    }
    return List.of(
        new Message(roleOfPlainText, List.of(new Part.Text(kind(roleOfPlainText), text))));
  }

  private static Optional<Message> message(JsonNode message) {
    String role =
        switch (message.path("role").asText(USER)) {
          case ASSISTANT, "model" -> ASSISTANT;
          case "system", "developer" -> "system";
          default -> USER;
        };
    var parts = new ArrayList<Part>();
    JsonNode list = message.has("parts") ? message.path("parts") : message.path("content");
    if (list.isTextual()) {
      parts.add(new Part.Text(kind(role), list.asText()));
    }
    list.forEach(part -> part(part, role).ifPresent(parts::add));
    return parts.isEmpty() ? Optional.empty() : Optional.of(new Message(role, parts));
  }

  private static ContentKind kind(String role) {
    return role.equals(ASSISTANT) ? ContentKind.ANSWER : ContentKind.PROMPT;
  }

  private static Optional<Part> part(JsonNode part, String role) {
    String id = part.path("id").asText("");
    return switch (part.path("type").asText("")) {
      case "text" -> text(part).map(text -> new Part.Text(kind(role), text));
      case "reasoning", "thinking" -> text(part).map(Part.Reasoning::new);
      case "tool_call" ->
          Optional.of(
              new Part.ToolUse(id, part.path("name").asText("tool"), json(part.path("arguments"))));
      case "tool_call_response" -> {
        JsonNode response = part.has("response") ? part.path("response") : part.path("result");
        String text = response.isTextual() ? response.asText() : json(response);
        yield Optional.of(new Part.ToolResult(id, text, false));
      }
      case "blob", "file", "uri", "image" ->
          Optional.of(new Part.Media(part.path("mime_type").asText("unknown"), 0));
      default -> Optional.empty();
    };
  }

  private static Optional<String> text(JsonNode part) {
    JsonNode text = part.has("content") ? part.path("content") : part.path("text");
    return Optional.of(text.asText("")).filter(some -> !some.isEmpty());
  }

  /** Arguments may be JSON within a text. */
  private static String json(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return "{}";
    }
    return value.isTextual() && isJson(value.asText()) ? value.asText() : value.toString();
  }

  static boolean isJson(String text) {
    String plain = text.strip();
    if (!plain.startsWith("{") && !plain.startsWith("[")) {
      return false;
    }
    try {
      return MAPPER.readTree(plain).isContainerNode();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /** The text of the last message of a role that has one, its parts one below the other. */
  public static Optional<String> lastText(List<Message> messages, String role) {
    for (Message message : messages.reversed()) {
      var lines = new ArrayList<String>();
      for (Part part : message.parts()) {
        if (part instanceof Part.Text(_, var text) && message.role().equals(role)) {
          lines.add(text);
        }
      }
      if (!lines.isEmpty()) {
        return Optional.of(String.join("\n", lines));
      }
    }
    return Optional.empty();
  }
}
