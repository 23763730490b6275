package dev.turnpike.model;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The tokens of one model call in buckets that do not overlap. An absent bucket is zero or unknown
 * to the agent; an absent {@code Usage} means the agent reported none at all.
 */
public record Usage(Map<Bucket, Long> buckets) {
  /** Bucket names as Langfuse prices them (contracts: usage keys and cost). */
  public enum Bucket {
    INPUT("input"),
    INPUT_CACHED("input_cached_tokens"),
    INPUT_CACHE_CREATION("input_cache_creation"),
    INPUT_CACHE_CREATION_5M("input_cache_creation_5m"),
    INPUT_CACHE_CREATION_1H("input_cache_creation_1h"),
    OUTPUT("output"),
    OUTPUT_REASONING("output_reasoning_tokens");

    private final String key;

    Bucket(String key) {
      this.key = key;
    }

    public String key() {
      return key;
    }

    public boolean output() {
      return this == OUTPUT || this == OUTPUT_REASONING;
    }
  }

  public Usage {
    var copy = new EnumMap<Bucket, Long>(Bucket.class);
    buckets.forEach(
        (bucket, tokens) -> {
          if (tokens < 0) {
            throw new IllegalArgumentException(bucket.key() + " is negative: " + tokens);
          }
          copy.put(bucket, tokens);
        });
    buckets = Collections.unmodifiableMap(copy);
  }

  public long of(Bucket bucket) {
    return buckets.getOrDefault(bucket, 0L);
  }

  public long total() {
    return buckets.values().stream().mapToLong(Long::longValue).sum();
  }

  public Usage plus(Usage other) {
    var sum = new EnumMap<Bucket, Long>(Bucket.class);
    sum.putAll(buckets);
    other.buckets.forEach((bucket, tokens) -> sum.merge(bucket, tokens, Long::sum));
    return new Usage(sum);
  }

  public static Usage none() {
    return new Usage(Map.of());
  }
}
