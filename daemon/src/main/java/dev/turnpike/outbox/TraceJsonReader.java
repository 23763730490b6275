package dev.turnpike.outbox;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.Usage;
import dev.turnpike.platform.IsoTime;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link TraceJson} wrote, one observation at a time, and each observation's texts in
 * the order in which they were written. Unknown fields are ignored.
 */
final class TraceJsonReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TraceJsonReader() {}

  /**
   * @param json stands at the object's start, and at its end afterwards
   */
  static Trace read(JsonParser json) throws IOException {
    try {
      return trace(json);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IOException("not a trace of ours: " + e.getMessage(), e);
    }
  }

  private static Trace trace(JsonParser json) throws IOException {
    TraceId id = null;
    TraceContext context = null;
    var observations = new ArrayList<Observation>();
    var texts = new ArrayList<String>();
    expect(json.currentToken(), JsonToken.START_OBJECT);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "id" -> id = new TraceId(json.getText());
        case "context" -> context = context(tree(json));
        case "observations" -> {
          expect(json.currentToken(), JsonToken.START_ARRAY);
          while (json.nextToken() != JsonToken.END_ARRAY) {
            observations.add(observation(tree(json), texts));
          }
        }
        default -> json.skipChildren();
      }
    }
    if (id == null || context == null) {
      throw new IOException("a trace without id or context");
    }
    return new Trace(id, context, observations);
  }

  private static JsonNode tree(JsonParser json) throws IOException {
    JsonNode node = JSON.readTree(json);
    if (node == null) {
      throw new IOException("the text ends early");
    }
    return node;
  }

  private static void expect(@Nullable JsonToken found, JsonToken wanted) throws IOException {
    if (found != wanted) {
      throw new IOException("found " + found + " where " + wanted + " was expected");
    }
  }

  private static TraceContext context(JsonNode json) {
    var tags = new ArrayList<String>();
    json.path("tags").forEach(tag -> tags.add(tag.asText()));
    return new TraceContext(
        new AgentId(text(json, "agent")),
        text(json, "session"),
        text(json, "user"),
        tags,
        text(json, "name"),
        textOrNull(json, "environment"),
        textOrNull(json, "release"),
        textOrNull(json, "version"),
        texts(json, "metadata"));
  }

  /**
   * @param texts those that may be named by their number
   */
  private static Observation observation(JsonNode json, List<String> texts) throws IOException {
    Frame frame = frame(json);
    Content input = content(json.path("input"), texts);
    Content output = content(json.path("output"), texts);
    String type = text(json, "type");
    return switch (type) {
      case "agent" -> new Observation.AgentSpan(frame, input, output);
      case "generation" -> generation(json, frame, input, output);
      case "tool" -> new Observation.ToolCall(frame, text(json, "call"), input, output);
      case "note" -> new Observation.Note(frame, input, output);
      default -> throw new IOException("an observation of type " + type);
    };
  }

  private static Frame frame(JsonNode json) {
    String parent = textOrNull(json, "parent");
    return new Frame(
        new SpanId(text(json, "id")),
        parent == null ? null : new SpanId(parent),
        text(json, "name"),
        IsoTime.parse(text(json, "start")),
        IsoTime.parse(text(json, "end")),
        Level.valueOf(text(json, "level")),
        textOrNull(json, "status"),
        texts(json, "metadata"));
  }

  private static Observation generation(JsonNode json, Frame frame, Content input, Content output) {
    String cost = textOrNull(json, "cost");
    String completionStart = textOrNull(json, "completionStart");
    return new Observation.Generation(
        frame,
        input,
        output,
        textOrNull(json, "model"),
        texts(json, "parameters"),
        json.has("usage") ? usage(json.path("usage")) : null,
        cost == null ? null : new BigDecimal(cost),
        completionStart == null ? null : IsoTime.parse(completionStart));
  }

  private static Usage usage(JsonNode json) {
    var buckets = new EnumMap<Usage.Bucket, Long>(Usage.Bucket.class);
    json.forEachEntry(
        (name, tokens) -> buckets.put(Usage.Bucket.valueOf(name), tokens.longValue()));
    return new Usage(buckets);
  }

  private static Content content(JsonNode json, List<String> texts) throws IOException {
    if (json.isNull() || json.isMissingNode()) {
      return Content.NONE;
    }
    if (json.has("messages")) {
      var messages = new ArrayList<Message>();
      for (JsonNode message : json.path("messages")) {
        messages.add(new Message(text(message, "role"), parts(message.path("parts"), texts)));
      }
      return new Content.Messages(messages);
    }
    ContentKind kind = ContentKind.valueOf(text(json, "kind"));
    return json.has("json")
        ? new Content.Json(kind, text(json, "json", texts))
        : new Content.Text(kind, text(json, "text", texts));
  }

  private static List<Part> parts(JsonNode json, List<String> texts) throws IOException {
    var parts = new ArrayList<Part>();
    for (JsonNode part : json) {
      String name = text(part, "part");
      parts.add(
          switch (name) {
            case "text" ->
                new Part.Text(ContentKind.valueOf(text(part, "kind")), text(part, "text", texts));
            case "reasoning" -> new Part.Reasoning(text(part, "text", texts));
            case "tool_use" ->
                new Part.ToolUse(
                    text(part, "call"), text(part, "name"), text(part, "input", texts));
            case "tool_result" ->
                new Part.ToolResult(
                    text(part, "call"), text(part, "text", texts), part.path("error").asBoolean());
            case "media" -> new Part.Media(text(part, "mime"), part.path("bytes").longValue());
            default -> throw new IOException("a message part " + name);
          });
    }
    return parts;
  }

  private static Map<String, String> texts(JsonNode json, String field) {
    var all = new LinkedHashMap<String, String>();
    JsonNode texts = json.path(field);
    if (texts.isArray()) {
      for (int i = 0; i + 1 < texts.size(); i += 2) {
        all.put(texts.path(i).asText(), texts.path(i + 1).asText());
      }
    }
    texts.forEachEntry((key, value) -> all.put(key, value.asText()));
    return all;
  }

  private static @Nullable String textOrNull(JsonNode json, String field) {
    return json.hasNonNull(field) ? json.path(field).asText() : null;
  }

  private static String text(JsonNode json, String field, List<String> texts) {
    JsonNode node = json.path(field);
    if (node.isInt()) {
      int number = node.intValue();
      if (number < 0 || number >= texts.size()) {
        throw new IllegalArgumentException("no text has the number " + number);
      }
      return texts.get(number);
    }
    String text = text(json, field);
    if (text.length() >= TraceJson.LEAST_NUMBERED_CHARS) {
      texts.add(text);
    }
    return text;
  }

  private static String text(JsonNode json, String field) {
    JsonNode node = json.path(field);
    if (!node.isTextual()) {
      throw new IllegalArgumentException("no text in field " + field);
    }
    return node.asText();
  }
}
