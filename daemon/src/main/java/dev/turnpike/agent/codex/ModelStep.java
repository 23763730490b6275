package dev.turnpike.agent.codex;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.model.Part;
import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One model call while its rows come in. */
final class ModelStep {
  /** Something the model was told: a text, or the answer of a tool. */
  sealed interface Heard {
    record Said(String text) implements Heard {}

    record Answered(ToolRun run, String text) implements Heard {}
  }

  /** Its place in the turn: stands for the response where that has no id. */
  final String place;

  final Instant start;
  final List<Heard> heard;
  final @Nullable String model;
  final @Nullable String effort;
  final List<Part> output = new ArrayList<>();
  final StringBuilder text = new StringBuilder();
  Instant end;
  @Nullable String responseId;
  @Nullable Usage usage;
  long reasoningTokens;
  boolean finalAnswer;

  /** Its stream broke off. */
  boolean cut;

  /** A tool it asked for has answered: what the model says next is another call. */
  boolean answered;

  /** It only made the summary of a compaction. */
  boolean compaction;

  ModelStep(
      String place,
      Instant start,
      Instant at,
      List<Heard> heard,
      @Nullable String model,
      @Nullable String effort) {
    this.place = place;
    this.start = start.isAfter(at) ? at : start;
    this.end = at;
    this.heard = List.copyOf(heard);
    this.model = model;
    this.effort = effort;
  }

  String key() {
    String response = responseId;
    return response == null ? place : response;
  }

  /**
   * {@code
   * {"input_tokens":1100,"cached_input_tokens":960,"cache_write_input_tokens":0,"output_tokens":20,"reasoning_output_tokens":8,…}}:
   * cached and written tokens are inside the input, reasoning is inside the output.
   */
  void count(JsonNode told) {
    long cached = told.path("cached_input_tokens").asLong();
    long written = told.path("cache_write_input_tokens").asLong();
    long output = told.path("output_tokens").asLong();
    long reasoning = Math.min(output, told.path("reasoning_output_tokens").asLong());
    reasoningTokens = reasoning;
    boolean split = reasoning > 0 && !pricedWhole(model);
    var buckets = new EnumMap<Bucket, Long>(Bucket.class);
    put(buckets, Bucket.INPUT, told.path("input_tokens").asLong() - cached - written);
    put(buckets, Bucket.OUTPUT, split ? output - reasoning : output);
    if (cached > 0) {
      put(buckets, Bucket.INPUT_CACHED, cached);
    }
    if (written > 0) {
      put(buckets, Bucket.INPUT_CACHE_CREATION, written);
    }
    if (split) {
      put(buckets, Bucket.OUTPUT_REASONING, reasoning);
    }
    usage = new Usage(buckets);
  }

  private static void put(EnumMap<Bucket, Long> buckets, Bucket bucket, long tokens) {
    buckets.put(bucket, Math.max(0, tokens));
  }

  /** Langfuse's prices of these two know no reasoning (contracts/codex.md section 4.6). */
  static boolean pricedWhole(@Nullable String model) {
    return model != null && (model.equals("gpt-5.4-mini") || model.equals("gpt-5.4-nano"));
  }
}
