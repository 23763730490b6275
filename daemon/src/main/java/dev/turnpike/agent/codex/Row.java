package dev.turnpike.agent.codex;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Line;
import dev.turnpike.platform.IsoTime;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One line of a rollout file.
 *
 * <pre>
 *   {"timestamp":"2026-11-20T12:36:56.447Z","ordinal":1,"type":"event_msg","payload":{"type":"task_started","turn_id":"01a1f8f5-…"}}
 * </pre>
 *
 * @param start where it stands in the file, in bytes
 * @param ordinal -1 in files written before 0.148 and in those that go on in their format
 */
record Row(long start, Instant at, long ordinal, String type, JsonNode payload) {
  private static final Pattern DATA_URL =
      Pattern.compile("^data:image/([a-z0-9.+-]{1,40});base64,");

  /** Null if it is no row. */
  static @Nullable Row read(Line.Row line) {
    JsonNode node;
    try {
      node = AgentJson.MAPPER.readTree(line.bytes(), line.from(), line.length());
    } catch (IOException e) {
      return null;
    }
    String type = text(node, "type");
    Instant at = instant(text(node, "timestamp"));
    JsonNode payload = node.path("payload");
    return type == null || at == null || !payload.isObject()
        ? null
        : new Row(line.start(), at, node.path("ordinal").asLong(-1), type, payload);
  }

  private static @Nullable Instant instant(@Nullable String text) {
    try {
      return text == null ? null : IsoTime.parse(text);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** The payload's own type. */
  String kind() {
    return text("type", "");
  }

  @Nullable String text(String name) {
    return text(payload, name);
  }

  String text(String name, String otherwise) {
    return text(payload, name, otherwise);
  }

  static @Nullable String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isTextual() ? value.textValue() : null;
  }

  static String text(JsonNode node, String name, String otherwise) {
    String text = text(node, name);
    return text == null ? otherwise : text;
  }

  /** The text of a content, a string or a list of parts. Images are named, never copied. */
  static String readable(JsonNode content) {
    if (content.isTextual()) {
      return content.asText();
    }
    var parts = new ArrayList<String>();
    for (JsonNode part : content) {
      String text = text(part, "text");
      String path = text(part, "path");
      String image = text(part, "image_url", text(part, "url", ""));
      if (text != null) {
        parts.add(text);
      } else if (path != null) {
        parts.add("[" + text(part, "type", "file").replace("local_", "") + " " + path + "]");
      } else if (!image.isEmpty()) {
        parts.add(image(image));
      }
    }
    return String.join("\n", parts);
  }

  private static String image(String url) {
    Matcher data = DATA_URL.matcher(url);
    if (!data.find()) {
      return url.startsWith("data:") ? "[image]" : "[image " + url + "]";
    }
    return "[image " + data.group(1) + " " + (url.length() - data.end()) / 4 * 3 + " B]";
  }

  static String quoted(String text) {
    try {
      return AgentJson.MAPPER.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a text that is no JSON", e);
    }
  }

  /** Whether a text is a JSON object or list. */
  static boolean isJson(String text) {
    return parsed(text).isContainerNode();
  }

  /** A text as JSON; a missing node if it is none. */
  static JsonNode parsed(String text) {
    try {
      return AgentJson.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      return AgentJson.MAPPER.missingNode();
    }
  }
}
