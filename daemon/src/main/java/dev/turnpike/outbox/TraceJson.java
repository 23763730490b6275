package dev.turnpike.outbox;

import dev.turnpike.model.Content;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.Usage;
import dev.turnpike.platform.IsoTime;
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
 * is {@code null}. Texts of contents ({@code text}, {@code json}, a part's {@code input}) of {@link
 * #LEAST_NUMBERED_CHARS} or more are numbered from 0 as they are written; one that comes again in
 * the same body is its number. A tool's result stands twice in most traces: once itself, once as
 * what the next model call was told.
 */
final class TraceJson {
  /**
   * Characters, as Java counts them. To number a shorter text costs more than to write it again.
   */
  static final int LEAST_NUMBERED_CHARS = 256;

  private TraceJson() {}

  /** Everything before the first observation; they, and what is open, are for the caller to end. */
  static void begin(JsonWriter json, Trace trace) {
    json.beginObject();
    json.plain("id", trace.id().hex());
    json.name("context");
    context(json, trace.context());
    json.name("observations");
    json.beginArray();
  }

  private static void context(JsonWriter json, TraceContext context) {
    json.beginObject();
    json.string("agent", context.agent().value());
    json.string("session", context.sessionId());
    json.string("user", context.userId());
    json.name("tags");
    json.beginArray();
    for (String tag : context.tags()) {
      json.string(tag);
    }
    json.endArray();
    json.string("name", context.traceName());
    optional(json, "environment", context.environment());
    optional(json, "release", context.release());
    optional(json, "version", context.agentVersion());
    texts(json, "metadata", context.metadata());
    json.endObject();
  }

  static void observation(JsonWriter json, Observation observation) {
    json.beginObject();
    json.plain(
        "type",
        switch (observation) {
          case Observation.AgentSpan _ -> "agent";
          case Observation.Generation _ -> "generation";
          case Observation.ToolCall _ -> "tool";
          case Observation.Note _ -> "note";
        });
    frame(json, observation.frame());
    json.name("input");
    content(json, observation.input());
    json.name("output");
    content(json, observation.output());
    switch (observation) {
      case Observation.Generation generation -> generation(json, generation);
      case Observation.ToolCall tool -> json.string("call", tool.callId());
      case Observation.AgentSpan _, Observation.Note _ -> {}
    }
    json.endObject();
  }

  private static void frame(JsonWriter json, Frame frame) {
    json.plain("id", frame.id().hex());
    if (frame.parent() != null) {
      json.plain("parent", frame.parent().hex());
    }
    json.string("name", frame.name());
    json.plain("start", IsoTime.text(frame.start()));
    json.plain("end", IsoTime.text(frame.end()));
    json.plain("level", frame.level().name());
    optional(json, "status", frame.statusMessage());
    texts(json, "metadata", frame.metadata());
  }

  private static void generation(JsonWriter json, Observation.Generation generation) {
    optional(json, "model", generation.model());
    texts(json, "parameters", generation.modelParameters());
    if (generation.usage() != null) {
      json.name("usage");
      json.beginObject();
      for (Map.Entry<Usage.Bucket, Long> bucket : generation.usage().buckets().entrySet()) {
        json.number(bucket.getKey().name(), bucket.getValue());
      }
      json.endObject();
    }
    if (generation.costUsd() != null) {
      // As text: a JSON number would lose the scale.
      json.plain("cost", generation.costUsd().toString());
    }
    if (generation.completionStart() != null) {
      json.plain("completionStart", IsoTime.text(generation.completionStart()));
    }
  }

  private static void content(JsonWriter json, Content content) {
    switch (content) {
      case Content.None() -> json.nothing();
      case Content.Text(var kind, var text) -> {
        json.beginObject();
        json.text("text", text);
        json.plain("kind", kind.name());
        json.endObject();
      }
      case Content.Json(var kind, var text) -> {
        json.beginObject();
        json.text("json", text);
        json.plain("kind", kind.name());
        json.endObject();
      }
      case Content.Messages(var messages) -> {
        json.beginObject();
        json.name("messages");
        json.beginArray();
        for (Message message : messages) {
          message(json, message);
        }
        json.endArray();
        json.endObject();
      }
    }
  }

  private static void message(JsonWriter json, Message message) {
    json.beginObject();
    json.string("role", message.role());
    json.name("parts");
    json.beginArray();
    for (Part part : message.parts()) {
      json.beginObject();
      part(json, part);
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static void part(JsonWriter json, Part part) {
    switch (part) {
      case Part.Text(var kind, var text) -> {
        json.plain("part", "text");
        json.plain("kind", kind.name());
        json.text("text", text);
      }
      case Part.Reasoning(var text) -> {
        json.plain("part", "reasoning");
        json.text("text", text);
      }
      case Part.ToolUse(var call, var name, var input) -> {
        json.plain("part", "tool_use");
        json.string("call", call);
        json.string("name", name);
        json.text("input", input);
      }
      case Part.ToolResult(var call, var text, var error) -> {
        json.plain("part", "tool_result");
        json.string("call", call);
        json.text("text", text);
        json.bool("error", error);
      }
      case Part.Media(var mimeType, var bytes) -> {
        json.plain("part", "media");
        json.string("mime", mimeType);
        json.number("bytes", bytes);
      }
    }
  }

  private static void optional(JsonWriter json, String field, @Nullable String text) {
    if (text != null) {
      json.string(field, text);
    }
  }

  /**
   * An object; as names of JSON fields half surrogate pairs do not survive, so with such a key a
   * list of key, value, key, value.
   */
  private static void texts(JsonWriter json, String field, Map<String, String> texts) {
    if (anySurrogate(texts.keySet())) {
      json.name(field);
      json.beginArray();
      for (Map.Entry<String, String> entry : texts.entrySet()) {
        json.string(entry.getKey());
        json.string(entry.getValue());
      }
      json.endArray();
      return;
    }
    json.name(field);
    json.beginObject();
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      json.anyName(entry.getKey());
      json.string(entry.getValue());
    }
    json.endObject();
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
