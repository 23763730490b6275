package dev.turnpike.agent.pi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.pi.Item.Answer;
import dev.turnpike.agent.pi.Item.Bill;
import dev.turnpike.agent.pi.Item.Call;
import dev.turnpike.agent.pi.Item.Nested;
import dev.turnpike.agent.pi.Item.Result;
import dev.turnpike.agent.pi.Item.Said;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Part;
import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Entries of a session as {@link Item}s. What is of no use is empty; what is not known is counted.
 */
final class ItemParser {
  interface Counters {
    void count(String reason);
  }

  private final Counters counters;

  ItemParser(Counters counters) {
    this.counters = counters;
  }

  /** An entry of the file, or a pushed one. */
  Optional<Item> entry(JsonNode entry, Instant at) {
    String type = entry.path("type").asText();
    return switch (type) {
      case "message" -> message(entry.path("message"), at);
      case "compaction" -> Optional.of(compaction(entry, at));
      case "branch_summary" ->
          Optional.of(work(entry, at, "branch summary", text(entry, "summary")));
      case "usage" -> {
        String kind = text(entry, "kind");
        yield Optional.of(work(entry, at, kind == null ? "usage" : kind.replace('_', ' '), null));
      }
      case "session",
          "model_change",
          "thinking_level_change",
          "context_edit",
          "custom",
          "custom_message",
          "label",
          "session_info" ->
          Optional.empty();
      default -> {
        counters.count("line.unknown." + word(type));
        yield Optional.empty();
      }
    };
  }

  Optional<Item> message(JsonNode message, Instant at) {
    long when = message.path("timestamp").asLong(at.toEpochMilli());
    String role = message.path("role").asText();
    JsonNode content = message.path("content");
    return switch (role) {
      case "user", "custom" ->
          Optional.of(new Said(at, when, role, textOf(content), mediaOf(content)));
      case "assistant" -> Optional.of(answer(message, at, when));
      case "toolResult" -> Optional.of(result(message, at, when));
      case "bashExecution" ->
          message.path("excludeFromContext").asBoolean()
              ? Optional.empty()
              : Optional.of(
                  new Item.Bash(
                      at,
                      when,
                      message.path("command").asText(),
                      message.path("output").asText(),
                      message.path("exitCode").asLong(-1),
                      message.path("cancelled").asBoolean()));
      case "system", "branchSummary", "compactionSummary" -> Optional.empty();
      default -> {
        counters.count("line.unknown.message." + word(role));
        yield Optional.empty();
      }
    };
  }

  private static Answer answer(JsonNode message, Instant at, long when) {
    var parts = new ArrayList<Part>();
    var calls = new ArrayList<Call>();
    for (JsonNode block : message.path("content")) {
      switch (block.path("type").asText()) {
        case "text" -> parts.add(new Part.Text(ContentKind.ANSWER, block.path("text").asText()));
        case "thinking" -> parts.add(new Part.Reasoning(block.path("thinking").asText()));
        case "toolCall" -> {
          var call =
              new Call(
                  block.path("id").asText(),
                  block.path("name").asText("tool"),
                  block.path("arguments").isMissingNode()
                      ? "{}"
                      : block.path("arguments").toString());
          calls.add(call);
          parts.add(new Part.ToolUse(call.id(), call.name(), call.arguments()));
        }
        default -> {
          // images of a model are not kept
        }
      }
    }
    var more = new LinkedHashMap<String, String>();
    put(more, "stop_reason", text(message, "stopReason"));
    put(more, "response_id", text(message, "responseId"));
    put(more, "api", text(message, "api"));
    put(more, "thinking_level", text(message, "thinkingLevel"));
    return new Answer(
        at,
        when,
        parts,
        calls,
        textOf(message.path("content")),
        bill(message),
        message.path("stopReason").asText("stop"),
        text(message, "errorMessage"),
        more);
  }

  private static Result result(JsonNode message, Instant at, long when) {
    var nested = new ArrayList<Nested>();
    for (JsonNode call : message.path("nestedCalls").path("calls")) {
      String error = text(call, "error");
      nested.add(
          new Nested(
              call.path("id").asText(),
              call.path("name").asText("tool"),
              call.path("arguments").isMissingNode() ? "" : call.path("arguments").toString(),
              error == null && call.path("status").asText().equals("error") ? "error" : error,
              call.path("durationMs").asLong(-1)));
    }
    var more = new LinkedHashMap<String, String>();
    put(more, "full_output_path", text(message.path("details"), "fullOutputPath"));
    return new Result(
        at,
        when,
        message.path("toolCallId").asText(),
        textOf(message.path("content")),
        mediaOf(message.path("content")),
        message.path("isError").asBoolean(),
        bill(message),
        nested,
        more);
  }

  private static Item.Work compaction(JsonNode entry, Instant at) {
    var more = new LinkedHashMap<String, String>();
    put(more, "pre_tokens", entry.path("tokensBefore").asText(""));
    return new Item.Work(at, "compaction", bill(entry), text(entry, "summary"), more);
  }

  private static Item.Work work(JsonNode entry, Instant at, String kind, @Nullable String summary) {
    return new Item.Work(at, kind, bill(entry), summary, Map.of());
  }

  private static Bill bill(JsonNode of) {
    JsonNode usage = of.path("usage");
    BigDecimal cost =
        usage.path("cost").path("total").isNumber()
            ? usage.path("cost").path("total").decimalValue()
            : BigDecimal.ZERO;
    String model = text(of, "responseModel");
    return new Bill(
        model == null ? text(of, "model") : model,
        text(of, "provider"),
        usage(usage),
        cost.signum() > 0 ? cost : null);
  }

  /**
   * Pi's {@code input} excludes the cache, its {@code output} includes reasoning, {@code
   * cacheWrite1h} is a part of {@code cacheWrite}. All zero means that nothing was reported.
   */
  private static @Nullable Usage usage(JsonNode usage) {
    long output = count(usage, "output");
    long reasoning = Math.min(count(usage, "reasoning"), output);
    long written = count(usage, "cacheWrite");
    long hour = Math.min(count(usage, "cacheWrite1h"), written);
    var buckets = new EnumMap<Bucket, Long>(Bucket.class);
    buckets.put(Bucket.INPUT, count(usage, "input"));
    buckets.put(Bucket.OUTPUT, output - reasoning);
    positive(buckets, Bucket.OUTPUT_REASONING, reasoning);
    positive(buckets, Bucket.INPUT_CACHED, count(usage, "cacheRead"));
    if (hour > 0) {
      positive(buckets, Bucket.INPUT_CACHE_CREATION_1H, hour);
      positive(buckets, Bucket.INPUT_CACHE_CREATION_5M, written - hour);
    } else {
      positive(buckets, Bucket.INPUT_CACHE_CREATION, written);
    }
    var all = new Usage(buckets);
    return all.total() == 0 ? null : all;
  }

  private static long count(JsonNode usage, String name) {
    return Math.max(0, usage.path(name).asLong(0));
  }

  private static void positive(Map<Bucket, Long> buckets, Bucket bucket, long tokens) {
    if (tokens > 0) {
      buckets.put(bucket, tokens);
    }
  }

  static String textOf(JsonNode content) {
    if (content.isTextual()) {
      return content.asText();
    }
    return StreamSupport.stream(content.spliterator(), false)
        .filter(block -> block.path("type").asText().equals("text"))
        .map(block -> block.path("text").asText())
        .collect(Collectors.joining("\n"));
  }

  /** The extension leaves the bytes of an image out and says how long they were: base64:1234. */
  private static List<Part> mediaOf(JsonNode content) {
    var media = new ArrayList<Part>();
    for (JsonNode block : content) {
      if (block.path("type").asText().equals("image")) {
        String data = block.path("data").asText();
        long characters = data.length();
        if (data.matches("base64:\\d{1,12}")) {
          characters = Long.parseLong(data.substring("base64:".length()));
        }
        media.add(new Part.Media(block.path("mimeType").asText("image"), characters * 3 / 4));
      }
    }
    return media;
  }

  static @Nullable String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isTextual() && !value.asText().isEmpty() ? value.asText() : null;
  }

  static void put(Map<String, String> metadata, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      metadata.put(key, value);
    }
  }

  private static String word(String type) {
    return type.matches("[A-Za-z0-9_.-]{1,40}") ? type : "odd";
  }
}
