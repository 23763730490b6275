package dev.turnpike.outbox;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.turnpike.model.Content;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.Usage;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A trace as our own neutral JSON, exact in both directions ({@link TraceJsonReader} reads it):
 *
 * <pre>
 * {"id":"4bf92f3577b34da6a3ce929d0e0e4736",
 *  "context":{"agent":"claude-code","session":"a4b1...","user":"dev","tags":["agent:claude-code"],"name":"claude-code turn",
 *             "environment":"dev","release":"0.1.0","version":"2.1.329","metadata":{"repo":"shop"}},
 *  "observations":[
 *   {"type":"generation","id":"00f067aa0ba902b7","parent":"53995c3f42cd8ad8","name":"claude-sonnet-4-5",
 *    "start":"2026-11-20T10:00:00.500Z","end":"2026-11-20T10:00:02Z","level":"DEFAULT","metadata":{"request_id":"req_1"},
 *    "input":{"messages":[{"role":"user","parts":[{"part":"text","kind":"PROMPT","text":"hi"}]}]},
 *    "output":{"text":"hello","kind":"ANSWER"},
 *    "model":"claude-sonnet-4-5","parameters":{},"usage":{"INPUT":12,"OUTPUT":3},"cost":"0.0123",
 *    "completionStart":"2026-11-20T10:00:01Z"},
 *   {"type":"tool","id":"...","call":"toolu_1","input":{"json":"{\"a\":1}","kind":"TOOL_INPUT"},"output":null, ...}]}
 * </pre>
 *
 * Types are agent, generation, tool, note; what is absent in the model is absent here, no content
 * is {@code null}.
 */
final class TraceJson {
  private TraceJson() {}

  /** Everything before the first observation; they, and what is open, are for the caller to end. */
  static void begin(JsonGenerator json, Trace trace) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", trace.id().hex());
    json.writeFieldName("context");
    context(json, trace.context());
    json.writeArrayFieldStart("observations");
  }

  private static void context(JsonGenerator json, TraceContext context) throws IOException {
    json.writeStartObject();
    json.writeStringField("agent", context.agent().value());
    json.writeStringField("session", context.sessionId());
    json.writeStringField("user", context.userId());
    json.writeArrayFieldStart("tags");
    for (String tag : context.tags()) {
      json.writeString(tag);
    }
    json.writeEndArray();
    json.writeStringField("name", context.traceName());
    optional(json, "environment", context.environment());
    optional(json, "release", context.release());
    optional(json, "version", context.agentVersion());
    texts(json, "metadata", context.metadata());
    json.writeEndObject();
  }

  static void observation(JsonGenerator json, Observation observation) throws IOException {
    json.writeStartObject();
    json.writeStringField(
        "type",
        switch (observation) {
          case Observation.AgentSpan _ -> "agent";
          case Observation.Generation _ -> "generation";
          case Observation.ToolCall _ -> "tool";
          case Observation.Note _ -> "note";
        });
    frame(json, observation.frame());
    json.writeFieldName("input");
    content(json, observation.input());
    json.writeFieldName("output");
    content(json, observation.output());
    switch (observation) {
      case Observation.Generation generation -> generation(json, generation);
      case Observation.ToolCall tool -> json.writeStringField("call", tool.callId());
      case Observation.AgentSpan _, Observation.Note _ -> {}
    }
    json.writeEndObject();
  }

  private static void frame(JsonGenerator json, Frame frame) throws IOException {
    json.writeStringField("id", frame.id().hex());
    if (frame.parent() != null) {
      json.writeStringField("parent", frame.parent().hex());
    }
    json.writeStringField("name", frame.name());
    json.writeStringField("start", frame.start().toString());
    json.writeStringField("end", frame.end().toString());
    json.writeStringField("level", frame.level().name());
    optional(json, "status", frame.statusMessage());
    texts(json, "metadata", frame.metadata());
  }

  private static void generation(JsonGenerator json, Observation.Generation generation)
      throws IOException {
    optional(json, "model", generation.model());
    texts(json, "parameters", generation.modelParameters());
    if (generation.usage() != null) {
      json.writeObjectFieldStart("usage");
      for (Map.Entry<Usage.Bucket, Long> bucket : generation.usage().buckets().entrySet()) {
        json.writeNumberField(bucket.getKey().name(), bucket.getValue());
      }
      json.writeEndObject();
    }
    if (generation.costUsd() != null) {
      // As text: a JSON number would lose the scale.
      json.writeStringField("cost", generation.costUsd().toString());
    }
    if (generation.completionStart() != null) {
      json.writeStringField("completionStart", generation.completionStart().toString());
    }
  }

  private static void content(JsonGenerator json, Content content) throws IOException {
    switch (content) {
      case Content.None() -> json.writeNull();
      case Content.Text(var kind, var text) -> {
        json.writeStartObject();
        longText(json, "text", text);
        json.writeStringField("kind", kind.name());
        json.writeEndObject();
      }
      case Content.Json(var kind, var text) -> {
        json.writeStartObject();
        longText(json, "json", text);
        json.writeStringField("kind", kind.name());
        json.writeEndObject();
      }
      case Content.Messages(var messages) -> {
        json.writeStartObject();
        json.writeArrayFieldStart("messages");
        for (Message message : messages) {
          message(json, message);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
    }
  }

  private static void message(JsonGenerator json, Message message) throws IOException {
    json.writeStartObject();
    json.writeStringField("role", message.role());
    json.writeArrayFieldStart("parts");
    for (Part part : message.parts()) {
      json.writeStartObject();
      part(json, part);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void part(JsonGenerator json, Part part) throws IOException {
    switch (part) {
      case Part.Text(var kind, var text) -> {
        json.writeStringField("part", "text");
        json.writeStringField("kind", kind.name());
        longText(json, "text", text);
      }
      case Part.Reasoning(var text) -> {
        json.writeStringField("part", "reasoning");
        longText(json, "text", text);
      }
      case Part.ToolUse(var call, var name, var input) -> {
        json.writeStringField("part", "tool_use");
        json.writeStringField("call", call);
        json.writeStringField("name", name);
        longText(json, "input", input);
      }
      case Part.ToolResult(var call, var text, var error) -> {
        json.writeStringField("part", "tool_result");
        json.writeStringField("call", call);
        longText(json, "text", text);
        json.writeBooleanField("error", error);
      }
      case Part.Media(var mimeType, var bytes) -> {
        json.writeStringField("part", "media");
        json.writeStringField("mime", mimeType);
        json.writeNumberField("bytes", bytes);
      }
    }
  }

  private static void longText(JsonGenerator json, String field, String text) throws IOException {
    json.writeFieldName(field);
    LongText.write(json, text);
  }

  private static void optional(JsonGenerator json, String field, @Nullable String text)
      throws IOException {
    if (text != null) {
      json.writeStringField(field, text);
    }
  }

  /**
   * An object; as names of JSON fields half surrogate pairs do not survive, so with such a key a
   * list of key, value, key, value.
   */
  private static void texts(JsonGenerator json, String field, Map<String, String> texts)
      throws IOException {
    if (anySurrogate(texts.keySet())) {
      json.writeArrayFieldStart(field);
      for (Map.Entry<String, String> entry : texts.entrySet()) {
        json.writeString(entry.getKey());
        json.writeString(entry.getValue());
      }
      json.writeEndArray();
      return;
    }
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      json.writeStringField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }

  private static boolean anySurrogate(Set<String> keys) {
    for (String key : keys) {
      for (int i = 0; i < key.length(); i++) {
        if (Character.isSurrogate(key.charAt(i))) {
          return true;
        }
      }
    }
    return false;
  }
}
