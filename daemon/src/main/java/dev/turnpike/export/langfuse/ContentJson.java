package dev.turnpike.export.langfuse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.turnpike.model.Content;
import dev.turnpike.model.Message;
import dev.turnpike.model.Part;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Inputs and outputs as Langfuse shows them best: text as it is, JSON as it is, messages in
 * Anthropic's shape, in which it finds the tool calls.
 *
 * <pre>
 *   input   [{"role":"user","content":"list files"},
 *            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"a.txt"}]}]
 *   output  {"role":"assistant","content":[{"type":"thinking","thinking":"..."},{"type":"text","text":"..."},
 *                                          {"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"ls"}}]}
 * </pre>
 *
 * One field is at most 512 KiB long: longer messages lose the ends of their long parts, then the
 * oldest of them go.
 */
final class ContentJson {
  static final int LIMIT_FIELD_BYTES = 512 * 1024;
  private static final int NOTE_BYTES = 256;
  private static final int[] PART_LIMITS = {Integer.MAX_VALUE, 65_536, 16_384, 4_096, 1_024};
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  /** A value to send; {@code json} says whether {@code text} is JSON or plain. */
  record Rendered(String text, boolean json) {}

  private ContentJson() {}

  static Optional<Rendered> input(Content content) {
    return render(content, false);
  }

  /** A model's answer is one message, whatever number of pieces the agent recorded it in. */
  static Optional<Rendered> output(Content content) {
    return render(content, true);
  }

  private static Optional<Rendered> render(Content content, boolean output) {
    return switch (content) {
      case Content.None() -> Optional.empty();
      case Content.Text(_, var text) ->
          text.isEmpty() ? Optional.empty() : Optional.of(plain(text));
      case Content.Json(_, var json) -> Optional.of(json(json));
      case Content.Messages(var messages) ->
          messages.isEmpty() ? Optional.empty() : Optional.of(messages(messages, output));
    };
  }

  private static Rendered json(String json) {
    return Limits.fits(json, LIMIT_FIELD_BYTES) ? new Rendered(json, isJson(json)) : plain(json);
  }

  private static Rendered plain(String text) {
    if (Limits.fits(text, LIMIT_FIELD_BYTES)) {
      return new Rendered(text, false);
    }
    String kept = Limits.cutBytes(text, LIMIT_FIELD_BYTES - NOTE_BYTES);
    return new Rendered(kept + note(text.length() - kept.length()), false);
  }

  private static Rendered messages(List<Message> messages, boolean output) {
    List<Message> kept = output ? merged(messages) : messages;
    boolean single = output && kept.size() == 1;
    for (int limit : PART_LIMITS) {
      String text = written(kept, single, limit);
      if (Limits.fits(text, LIMIT_FIELD_BYTES)) {
        return new Rendered(text, true);
      }
    }
    return new Rendered(newest(kept), true);
  }

  /**
   * The newest messages that fit, shortened as far as we go, after a word on how many are missing.
   */
  private static String newest(List<Message> messages) {
    int tightest = PART_LIMITS[PART_LIMITS.length - 1];
    var kept = new ArrayList<String>();
    int chars = NOTE_BYTES;
    for (Message message : messages.reversed()) {
      String text = written(List.of(message), true, tightest);
      if (chars + text.length() + 1 > LIMIT_FIELD_BYTES / 3) {
        break;
      }
      chars += text.length() + 1;
      kept.addFirst(text);
    }
    int missing = messages.size() - kept.size();
    kept.addFirst(
        "{\"role\":\"system\",\"content\":\"["
            + missing
            + " earlier messages left out: too large]\"}");
    return "[" + String.join(",", kept) + "]";
  }

  private static List<Message> merged(List<Message> messages) {
    String role = messages.getFirst().role();
    if (messages.size() == 1
        || !messages.stream().allMatch(message -> message.role().equals(role))) {
      return messages;
    }
    return List.of(
        new Message(role, messages.stream().flatMap(message -> message.parts().stream()).toList()));
  }

  private static String written(List<Message> messages, boolean single, int partChars) {
    var text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      if (single) {
        message(out, messages.getFirst(), partChars);
      } else {
        out.writeStartArray();
        for (Message message : messages) {
          message(out, message, partChars);
        }
        out.writeEndArray();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.toString();
  }

  private static void message(JsonGenerator out, Message message, int partChars)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("role", message.role());
    out.writeFieldName("content");
    if (message.parts().size() == 1
        && message.parts().getFirst() instanceof Part.Text(_, var text)) {
      out.writeString(shortened(text, partChars));
    } else {
      out.writeStartArray();
      for (Part part : message.parts()) {
        part(out, part, partChars);
      }
      out.writeEndArray();
    }
    out.writeEndObject();
  }

  private static void part(JsonGenerator out, Part part, int partChars) throws IOException {
    out.writeStartObject();
    switch (part) {
      case Part.Text(_, var text) -> {
        out.writeStringField("type", "text");
        out.writeStringField("text", shortened(text, partChars));
      }
      case Part.Reasoning(var text) -> {
        out.writeStringField("type", "thinking");
        out.writeStringField("thinking", shortened(text, partChars));
      }
      case Part.ToolUse use -> toolUse(out, use, partChars);
      case Part.ToolResult(var callId, var text, var error) -> {
        out.writeStringField("type", "tool_result");
        out.writeStringField("tool_use_id", callId);
        out.writeStringField("content", shortened(text, partChars));
        if (error) {
          out.writeBooleanField("is_error", true);
        }
      }
      case Part.Media(var mimeType, var bytes) -> {
        out.writeStringField("type", mimeType.startsWith("image/") ? "image" : "document");
        out.writeStringField("media_type", mimeType);
        out.writeNumberField("size", bytes);
      }
    }
    out.writeEndObject();
  }

  private static void toolUse(JsonGenerator out, Part.ToolUse use, int partChars)
      throws IOException {
    out.writeStringField("type", "tool_use");
    out.writeStringField("id", use.callId());
    out.writeStringField("name", use.name());
    out.writeFieldName("input");
    if (use.inputJson().isBlank()) {
      out.writeStartObject();
      out.writeEndObject();
    } else if (use.inputJson().length() <= partChars && isJson(use.inputJson())) {
      out.writeRawValue(use.inputJson());
    } else {
      out.writeString(shortened(use.inputJson(), partChars));
    }
  }

  /** Whether {@code text} is exactly one JSON value: what is not would break the JSON around it. */
  static boolean isJson(String text) {
    try (var parser = JSON.createParser(text)) {
      int depth = 0;
      int values = 0;
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (depth == 0 && !token.isStructEnd()) {
          values++;
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      }
      return values == 1;
    } catch (JsonProcessingException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  private static String shortened(String text, int chars) {
    if (text.length() <= chars) {
      return text;
    }
    String kept = Limits.cut(text, chars);
    return kept + note(text.length() - kept.length());
  }

  private static String note(int missing) {
    return "… [" + missing + " characters cut]";
  }
}
