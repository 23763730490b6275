package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.Observations.put;

import dev.turnpike.agent.claudecode.ClaudeLine.Block;
import dev.turnpike.agent.claudecode.ClaudeLine.TokenCount;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.ModelName;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.SpanKind;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model call as a generation: contracts/claude-code.md section 4. */
final class Generations {
  private final TraceSeed.Spans ids;

  /** Of the call before: a turn has one model, mostly. */
  private @Nullable ModelName latest;

  Generations(TraceSeed.Spans ids) {
    this.ids = ids;
  }

  Observation of(SpanId parent, Work work, ModelCall call) {
    Instant requested = work.request(call.requestRef());
    Instant start = requested == null ? call.startFallback : requested;
    if (start.isAfter(call.lastAt())) {
      start = call.firstAt();
    }
    String raw = call.model() == null ? call.requestedModel() : call.model();
    ModelName model = raw == null ? null : name(raw);
    boolean warn = call.partial() || call.shortened();
    var frame =
        new Frame(
            ids.of(SpanKind.GENERATION, call.id),
            parent,
            model == null ? "model call" : model.normal(),
            start,
            call.lastAt(),
            warn ? Level.WARNING : Level.DEFAULT,
            call.partial() ? "cut before its end" : call.shortened() ? call.stopReason() : null,
            metadata(call, model));
    return new Observation.Generation(
        frame,
        input(call),
        output(call),
        model == null ? null : model.normal(),
        parameters(call),
        usage(call.usage()),
        null,
        null);
  }

  private ModelName name(String raw) {
    ModelName known = latest;
    if (known == null || !known.raw().equals(raw)) {
      known = ModelName.of(raw);
      latest = known;
    }
    return known;
  }

  private static Map<String, String> metadata(ModelCall call, @Nullable ModelName model) {
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "message_id", call.id);
    put(metadata, "request_id", call.requestId());
    put(metadata, "stop_reason", call.stopReason());
    put(metadata, "effort", call.effort());
    TokenCount usage = call.usage();
    if (usage != null) {
      put(metadata, "speed", usage.speed());
      put(metadata, "service_tier", usage.tier());
      if (usage.thinking() > 0) {
        put(metadata, "thinking_tokens", Long.toString(usage.thinking()));
      }
    }
    if (model != null && model.changed()) {
      put(metadata, "model_raw", model.raw());
    }
    if (call.requestedModel() != null && !call.requestedModel().equals(call.model())) {
      put(metadata, "requested_model", call.requestedModel());
    }
    if (call.retries > 0) {
      put(metadata, "attempts", Integer.toString(call.retries + 1));
    }
    if (call.thinkingMillis() > 0) {
      put(metadata, "thinking_duration_ms", Long.toString(call.thinkingMillis()));
    }
    if (call.partial()) {
      put(metadata, "partial", "true");
    }
    put(metadata, "skill", call.skill());
    return metadata;
  }

  private static Map<String, String> parameters(ModelCall call) {
    var parameters = new LinkedHashMap<String, String>();
    TokenCount usage = call.usage();
    if (usage != null) {
      put(parameters, "service_tier", usage.tier());
    }
    put(parameters, "effort", call.effort());
    return parameters;
  }

  private static Content input(ModelCall call) {
    return call.input.isEmpty()
        ? Content.NONE
        : new Content.Messages(List.of(new Message("user", call.input)));
  }

  private static Content output(ModelCall call) {
    var parts = new ArrayList<Part>();
    for (Block block : call.blocks()) {
      parts.add(
          switch (block) {
            case Block.Text(var text) -> new Part.Text(ContentKind.ANSWER, text);
            case Block.Thinking(var text) -> new Part.Reasoning(text);
            case Block.ToolUse(var id, var name, var input, var _) ->
                new Part.ToolUse(id, name, input);
            case Block.ServerResult(var id, var text, var error) ->
                new Part.ToolResult(id, text, error);
          });
    }
    return parts.isEmpty()
        ? Content.NONE
        : new Content.Messages(List.of(new Message("assistant", parts)));
  }

  /**
   * Anthropic's buckets do not overlap; thinking is inside output. The split of cache creation
   * replaces its sum.
   */
  static @Nullable Usage usage(@Nullable TokenCount count) {
    if (count == null) {
      return null;
    }
    var buckets = new EnumMap<Bucket, Long>(Bucket.class);
    bucket(buckets, Bucket.INPUT, count.input());
    bucket(buckets, Bucket.INPUT_CACHED, count.cacheRead());
    long split = Math.max(0, count.creation5m()) + Math.max(0, count.creation1h());
    if (split > 0 && (count.cacheCreation() < 0 || split == count.cacheCreation())) {
      bucket(buckets, Bucket.INPUT_CACHE_CREATION_5M, count.creation5m());
      bucket(buckets, Bucket.INPUT_CACHE_CREATION_1H, count.creation1h());
    } else if (count.cacheCreation() > 0) {
      bucket(buckets, Bucket.INPUT_CACHE_CREATION, count.cacheCreation());
    }
    bucket(buckets, Bucket.OUTPUT, count.output());
    return new Usage(buckets);
  }

  private static void bucket(Map<Bucket, Long> buckets, Bucket bucket, long tokens) {
    if (tokens >= 0) {
      buckets.put(bucket, tokens);
    }
  }
}
