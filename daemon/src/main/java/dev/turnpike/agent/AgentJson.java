package dev.turnpike.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * JSON as agents write it, in their files and to our hooks. One tool's output is one string there:
 * it may be as long as what holds it, and how long that may be is bounded where it is read.
 */
public final class AgentJson {
  private static final int LIMIT_STRING_CHARS = 64 * 1024 * 1024;

  /** One for all: there may be thousands of sessions. */
  public static final JsonMapper MAPPER = builder().build();

  private AgentJson() {}

  /** For an adapter that wants more of it than {@link #MAPPER} gives. */
  public static JsonMapper.Builder builder() {
    return JsonMapper.builder(
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder().maxStringLength(LIMIT_STRING_CHARS).build())
            .build());
  }
}
