package dev.turnpike.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every span of a trace carries, because the server filters on rows and not on a trace record.
 * The same for all spans of a trace, also for those that go out after the root.
 *
 * @param sessionId the agent's session id (or its SHA-256 where it is longer than 200 characters or
 *     not US-ASCII)
 * @param metadata shared dimensions: agent, repo, branch, commit, host, os, cwd, turn
 */
public record TraceContext(
    AgentId agent,
    String sessionId,
    String userId,
    List<String> tags,
    String traceName,
    @Nullable String environment,
    @Nullable String release,
    @Nullable String agentVersion,
    Map<String, String> metadata) {
  public TraceContext {
    tags = List.copyOf(tags);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }
}
