package dev.turnpike.genai;

import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import dev.turnpike.otlp.Span;
import java.util.EnumMap;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a model call. By the conventions {@code gen_ai.usage.input_tokens} includes what
 * came out of a cache and what went into it, and {@code output_tokens} includes reasoning; an
 * emitter whose cache is larger than its input counts like Anthropic's API, which leaves the cache
 * out.
 */
public final class SpanUsage {
  private SpanUsage() {}

  /** Null: the emitter reported none. */
  public static @Nullable Usage of(Span span) {
    OptionalLong input = span.whole("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens");
    OptionalLong output =
        span.whole("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens");
    if (input.isEmpty() && output.isEmpty()) {
      return null;
    }
    long read =
        count(
            span.whole(
                "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"));
    long written =
        count(
            span.whole(
                "gen_ai.usage.cache_creation.input_tokens",
                "gen_ai.usage.cache_creation_input_tokens"));
    long reasoning =
        count(span.whole("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"));
    long in = count(input);
    long out = count(output);
    boolean inclusive = read + written <= in;
    var buckets = new EnumMap<Bucket, Long>(Bucket.class);
    buckets.put(Bucket.INPUT, inclusive ? in - read - written : in);
    buckets.put(Bucket.OUTPUT, reasoning <= out ? out - reasoning : out);
    put(buckets, Bucket.INPUT_CACHED, read);
    put(buckets, Bucket.INPUT_CACHE_CREATION, written);
    put(buckets, Bucket.OUTPUT_REASONING, reasoning);
    return new Usage(buckets);
  }

  private static void put(EnumMap<Bucket, Long> buckets, Bucket bucket, long tokens) {
    if (tokens > 0) {
      buckets.put(bucket, tokens);
    }
  }

  private static long count(OptionalLong said) {
    return Math.max(0, said.orElse(0));
  }
}
