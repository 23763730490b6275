package dev.turnpike.model;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the hook client said of its surroundings. {@code environment} is the allow-listed part of
 * the agent's environment without secrets: those were swapped for a {@link DestinationId} before
 * anything was kept.
 *
 * @param eventName second argument of the hook client, for agents whose payload does not name the
 *     event
 * @param parentPid 0 if unknown
 * @param truncated the body was longer than the client's limit and was cut
 */
public record Caller(
    @Nullable String cwd,
    long parentPid,
    String clientVersion,
    @Nullable String eventName,
    Map<String, String> environment,
    boolean truncated) {
  public Caller {
    environment = Collections.unmodifiableMap(new TreeMap<>(environment));
  }
}
