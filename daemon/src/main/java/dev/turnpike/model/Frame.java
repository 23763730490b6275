package dev.turnpike.model;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every observation has. Times come from the agent's own record, never from "now". {@code
 * parent} is absent on the root of a trace only. An end before the start is lifted to the start.
 * Metadata keys are snake_case; values are short scalars as text.
 */
public record Frame(
    SpanId id,
    @Nullable SpanId parent,
    String name,
    Instant start,
    Instant end,
    Level level,
    @Nullable String statusMessage,
    Map<String, String> metadata) {
  public Frame {
    if (end.isBefore(start)) {
      end = start;
    }
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  public Frame withMetadata(Map<String, String> more) {
    var all = new LinkedHashMap<>(metadata);
    all.putAll(more);
    return new Frame(id, parent, name, start, end, level, statusMessage, all);
  }
}
