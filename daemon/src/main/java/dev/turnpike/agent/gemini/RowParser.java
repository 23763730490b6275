package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.gemini.Row.Answer;
import dev.turnpike.agent.gemini.Row.Call;
import dev.turnpike.agent.gemini.Row.Said;
import dev.turnpike.model.Part;
import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import dev.turnpike.platform.IsoTime;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lines of a session file, Gemini CLI 0.61.0 (contracts/gemini-cli.md section 4).
 *
 * <pre>
 *   {"sessionId":"9ca46791-…","projectHash":"e828…","startTime":"…","lastUpdated":"…","kind":"main"}
 *   {"$set":{"messages":[…],"lastUpdated":"…"}}     the history was replaced
 *   {"id":"860ea401-…","timestamp":"…","type":"user","content":[{"text":"Where are the prices?"}]}
 *   {"id":"a4805df7-…","timestamp":"…","type":"gemini","content":"In src/prices.txt.","thoughts":[{"subject":"…","description":"…"}],
 *    "tokens":{"input":1200,"output":14,"cached":800,"thoughts":21,"tool":0,"total":1235},"model":"gemini-2.5-pro","toolCalls":[…]}
 *   {"$rewindTo":"860ea401-…"}
 * </pre>
 */
final class RowParser {
  /** What the CLI tells the model of the surroundings, before the first prompt. */
  private static final String CONTEXT = "<session_context>";

  /** What hooks of the user's added to a prompt. */
  private static final String ADDED = "<hook_context>";

  private RowParser() {}

  static Row parse(byte[] bytes, int from, int to) {
    JsonNode node;
    try {
      node = AgentJson.MAPPER.readTree(bytes, from, to - from);
    } catch (IOException e) {
      return new Row.Unreadable();
    }
    if (node.has("$set")) {
      return set(node.path("$set"));
    }
    if (node.has("$rewindTo")) {
      return new Row.Rewound(node.path("$rewindTo").asText());
    }
    if (node.has("sessionId") && !node.has("type")) {
      Instant at = instant(node, "startTime");
      return at == null ? new Row.Unreadable() : new Row.Header(at);
    }
    Instant at = instant(node, "timestamp");
    String id = text(node, "id");
    String type = node.path("type").asText("");
    return switch (type) {
      case "user", "gemini" ->
          at == null || id == null
              ? new Row.Unreadable()
              : type.equals("user") ? user(node, id, at) : answer(node, id, at);
      case "info", "warning", "error" ->
          at == null
              ? new Row.Unreadable()
              : new Row.Remark(at, type, joined(node.path("content")));
      default -> new Row.Unknown(type.matches("[A-Za-z_]{1,40}") ? type : "other");
    };
  }

  private static Row set(JsonNode set) {
    if (!set.path("messages").isArray()) {
      return set.has("sessionId") ? new Row.Resumed() : new Row.Passed();
    }
    Set<String> ids = new HashSet<>();
    set.path("messages").forEach(message -> ids.add(message.path("id").asText()));
    return new Row.History(instant(set, "lastUpdated"), ids);
  }

  private static Row user(JsonNode node, String id, Instant at) {
    JsonNode content = node.path("content");
    if (content.isArray()
        && !content.isEmpty()
        && content.valueStream().allMatch(part -> part.has("functionResponse"))) {
      return new Row.Returned(at);
    }
    String text = joined(content);
    if (text.startsWith(CONTEXT)) {
      return new Row.Passed();
    }
    var media = new ArrayList<Part>();
    for (JsonNode part : content) {
      JsonNode data = part.path("inlineData");
      if (data.isObject()) {
        long bytes = data.path("data").asText("").length() * 3L / 4;
        media.add(new Part.Media(data.path("mimeType").asText("application/octet-stream"), bytes));
      }
    }
    if (text.isEmpty() && media.isEmpty()) {
      return new Row.Passed();
    }
    JsonNode display = node.path("displayContent");
    String own = text.contains(ADDED) ? withoutAdded(content) : text;
    String shown = joined(display);
    if (shown.isEmpty() && !own.equals(text)) {
      shown = own;
    }
    boolean afterTools = display.valueStream().anyMatch(part -> part.has("functionResponse"));
    return new Said(id, at, shown.isEmpty() ? null : shown, text, own, afterTools, media);
  }

  private static String withoutAdded(JsonNode content) {
    var text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("text").asText("").startsWith(ADDED)) {
        text.append(part.path("text").asText(""));
      }
    }
    return text.toString();
  }

  /** Text of a string or of parts; what is marked as a thought is none. */
  private static String joined(JsonNode content) {
    if (content.isTextual()) {
      return content.asText();
    }
    var text = new StringBuilder();
    for (JsonNode part : content) {
      if (part.isTextual()) {
        text.append(part.asText());
      } else if (!part.path("thought").asBoolean()) {
        text.append(part.path("text").asText(""));
      }
    }
    return text.toString();
  }

  private static Row answer(JsonNode node, String id, Instant at) {
    var thoughts = new ArrayList<String>();
    for (JsonNode thought : node.path("thoughts")) {
      String subject = thought.path("subject").asText("");
      String description = thought.path("description").asText("");
      thoughts.add(
          subject.isEmpty() || description.isEmpty()
              ? subject + description
              : subject + "\n" + description);
    }
    var calls = new ArrayList<Call>();
    for (JsonNode call : node.path("toolCalls")) {
      calls.add(call(call));
    }
    return new Answer(
        id,
        at,
        joined(node.path("content")),
        thoughts,
        usage(node.path("tokens")),
        text(node, "model"),
        calls);
  }

  /**
   * Gemini counts the cached tokens in {@code input} and the thoughts beside {@code output}; the
   * buckets here do not overlap, and their sum is Gemini's {@code total}.
   */
  private static @Nullable Usage usage(JsonNode tokens) {
    if (!tokens.isObject()) {
      return null;
    }
    long prompt = count(tokens, "input");
    long cached = Math.min(prompt, count(tokens, "cached"));
    return new Usage(
        Map.of(
            Bucket.INPUT,
            prompt - cached + count(tokens, "tool"),
            Bucket.INPUT_CACHED,
            cached,
            Bucket.OUTPUT,
            count(tokens, "output"),
            Bucket.OUTPUT_REASONING,
            count(tokens, "thoughts")));
  }

  private static long count(JsonNode tokens, String name) {
    return Math.max(0, tokens.path(name).asLong());
  }

  private static Call call(JsonNode call) {
    var output = new StringBuilder();
    String error = null;
    for (JsonNode part : call.path("result")) {
      JsonNode response = part.path("functionResponse").path("response");
      if (response.has("error") && error == null) {
        error = plain(response.path("error"));
      } else if (response.has("output")) {
        output.append(plain(response.path("output")));
      } else if (!response.isMissingNode() && !response.has("error")) {
        output.append(response);
      }
    }
    JsonNode display = call.path("resultDisplay");
    String status = call.path("status").asText("");
    if (error == null && status.equals("error")) {
      error = display.isTextual() ? display.asText() : "failed";
    }
    return new Call(
        call.path("id").asText(""),
        call.path("name").asText("tool"),
        call.path("args").isMissingNode() ? "{}" : call.path("args").toString(),
        output.toString(),
        error,
        status,
        instant(call, "timestamp"),
        text(call, "agentId"),
        call.path("displayName").asText(""),
        text(display, "result"),
        text(display, "terminateReason"));
  }

  private static String plain(JsonNode node) {
    return node.isTextual() ? node.asText() : node.toString();
  }

  static @Nullable String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isTextual() && !value.asText().isEmpty() ? value.asText() : null;
  }

  static @Nullable Instant instant(JsonNode node, String name) {
    try {
      String text = text(node, name);
      return text == null ? null : IsoTime.parse(text);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
