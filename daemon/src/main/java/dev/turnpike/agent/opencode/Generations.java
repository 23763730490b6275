package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.opencode.SessionFacts.Request;
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
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model call as a generation. Its message is made seconds before the request and completed after
 * the tools it asked for have run (1.18.33), so both ends come from what lies nearer: the request's
 * record, and the last thing the model said.
 */
final class Generations {
  private final TraceSeed seed;
  private final Conversation conversation;

  Generations(TraceSeed seed, Conversation conversation) {
    this.seed = seed;
    this.conversation = conversation;
  }

  Observation of(ChatMessage call, SpanId parent, List<Part> input, int retries) {
    @Nullable Request request = request(call);
    Instant start = request == null ? call.created() : request.at();
    Instant end = end(call, start);
    String reported = Json.text(call.info(), "modelID");
    @Nullable ModelName model = reported == null ? null : ModelName.of(reported);
    boolean unfinished = call.error() == null && call.completed() == null && !finished(call);
    Level level =
        call.aborted() || unfinished
            ? Level.WARNING
            : call.error() != null ? Level.ERROR : Level.DEFAULT;
    var frame =
        new Frame(
            seed.span(SpanKind.GENERATION, call.id),
            parent,
            model == null ? "model call" : model.normal(),
            start,
            end,
            level,
            status(call, unfinished),
            metadata(call, model, retries));
    return new Observation.Generation(
        frame,
        input.isEmpty() ? Content.NONE : new Content.Messages(List.of(new Message("user", input))),
        output(call),
        model == null ? null : model.normal(),
        parameters(request),
        usage(call),
        cost(call),
        firstToken(call, start, end));
  }

  private static boolean finished(ChatMessage call) {
    return call.has("step-finish");
  }

  /** The last attempt's record before the answer began. */
  private @Nullable Request request(ChatMessage call) {
    Instant answered = call.completed() == null ? Instant.MAX : call.completed();
    for (ChatPart part : call.parts()) {
      if (part.first().isAfter(Instant.EPOCH) && part.first().isBefore(answered)) {
        answered = part.first();
      }
    }
    @Nullable Request last = null;
    for (Request request : conversation.session(call.session).requests.values()) {
      if (request.agent().equals(call.agent())
          && !request.at().isBefore(call.created())
          && !request.at().isAfter(answered)
          && (last == null || request.at().isAfter(last.at()))) {
        last = request;
      }
    }
    return last;
  }

  private static Instant end(ChatMessage call, Instant start) {
    Instant end = Instant.EPOCH;
    for (ChatPart part : call.parts()) {
      if (part.type.equals("tool")) {
        end = Spans.later(end, part.first());
      } else if ((part.type.equals("text") || part.type.equals("reasoning"))
          && part.end() != null) {
        end = Spans.later(end, part.end());
      }
    }
    if (end.equals(Instant.EPOCH)) {
      end = call.completed() == null ? call.latest() : call.completed();
    }
    return Spans.later(start, end);
  }

  private static @Nullable Instant firstToken(ChatMessage call, Instant start, Instant end) {
    Instant first = Instant.MAX;
    for (ChatPart part : call.parts()) {
      boolean said =
          part.type.equals("text") || part.type.equals("reasoning") || part.type.equals("tool");
      if (said && part.first().isAfter(Instant.EPOCH) && part.first().isBefore(first)) {
        first = part.first();
      }
    }
    return first.isBefore(start) || first.isAfter(end) ? null : first;
  }

  private static @Nullable String status(ChatMessage call, boolean unfinished) {
    String error = call.error();
    if (error != null) {
      return Outcome.said(error, Json.text(call.info().path("error").path("data"), "message", ""));
    }
    return unfinished ? "cut before its end" : null;
  }

  private static Map<String, String> metadata(
      ChatMessage call, @Nullable ModelName model, int retries) {
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("message_id", call.id);
    Spans.put(metadata, "provider", Json.text(call.info(), "providerID"));
    Spans.put(metadata, "finish_reason", Json.text(call.info(), "finish"));
    Spans.put(metadata, "opencode_agent", call.agent());
    Spans.put(metadata, "variant", Json.text(call.info(), "variant"));
    if (call.compaction()) {
      metadata.put("kind", "compaction");
    }
    if (retries > 0) {
      metadata.put("retries", Integer.toString(retries));
    }
    JsonNode code = call.info().path("error").path("data").path("statusCode");
    if (code.isNumber()) {
      metadata.put("status_code", code.asText());
    }
    if (model != null && model.changed()) {
      metadata.put("model_raw", model.raw());
    }
    return metadata;
  }

  private static Map<String, String> parameters(@Nullable Request request) {
    var parameters = new LinkedHashMap<String, String>();
    if (request != null) {
      for (String name : List.of("temperature", "topP", "topK", "maxOutputTokens")) {
        JsonNode value = request.said().path(name);
        if (value.isNumber()) {
          parameters.put(name, value.asText());
        }
      }
      JsonNode effort = request.said().path("options").path("reasoningEffort");
      Spans.put(parameters, "reasoningEffort", effort.isTextual() ? effort.asText() : null);
    }
    return parameters;
  }

  private static Content output(ChatMessage call) {
    var parts = new ArrayList<Part>();
    for (ChatPart part : call.parts()) {
      switch (part.type) {
        case "text" -> {
          if (!part.text().isEmpty()) {
            parts.add(new Part.Text(ContentKind.ANSWER, part.text()));
          }
        }
        case "reasoning" -> parts.add(new Part.Reasoning(part.text()));
        case "tool" ->
            parts.add(
                new Part.ToolUse(
                    part.callId(), part.tool(), part.state().path("input").toString()));
        default -> {}
      }
    }
    return parts.isEmpty()
        ? Content.NONE
        : new Content.Messages(List.of(new Message("assistant", parts)));
  }

  /**
   * OpenCode's counts do not overlap: input is without cache, output without reasoning. All zero
   * means unknown: an aborted or failed call.
   */
  private static @Nullable Usage usage(ChatMessage call) {
    JsonNode tokens = call.info().path("tokens");
    @Nullable Usage usage = counted(tokens);
    if (usage == null) {
      for (ChatPart part : call.parts()) {
        @Nullable Usage step =
            part.type.equals("step-finish") ? counted(part.node().path("tokens")) : null;
        if (step != null) {
          usage = usage == null ? step : usage.plus(step);
        }
      }
    }
    return usage;
  }

  private static @Nullable Usage counted(JsonNode tokens) {
    var buckets = new EnumMap<Bucket, Long>(Bucket.class);
    bucket(buckets, Bucket.INPUT, tokens.path("input"));
    bucket(buckets, Bucket.INPUT_CACHED, tokens.path("cache").path("read"));
    bucket(buckets, Bucket.INPUT_CACHE_CREATION, tokens.path("cache").path("write"));
    bucket(buckets, Bucket.OUTPUT, tokens.path("output"));
    bucket(buckets, Bucket.OUTPUT_REASONING, tokens.path("reasoning"));
    var usage = new Usage(buckets);
    return usage.total() == 0 ? null : usage;
  }

  private static void bucket(Map<Bucket, Long> buckets, Bucket bucket, JsonNode tokens) {
    if (tokens.isNumber() && tokens.asLong() > 0) {
      buckets.put(bucket, tokens.asLong());
    }
  }

  /** 0 for models without a price and for subscriptions: then nothing is said of the cost. */
  private static @Nullable BigDecimal cost(ChatMessage call) {
    JsonNode cost = call.info().path("cost");
    return cost.isNumber() && cost.decimalValue().signum() > 0 ? cost.decimalValue() : null;
  }
}
