package dev.turnpike.agent;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the agent's record says of a turn as a whole, for the context every span carries.
 *
 * @param prompt the agent's id of the prompt, see {@link Signal#prompt()}
 * @param tags the agent's own, such as {@code cc-version:2.1.329}, {@code skill:tally}
 * @param metadata shared dimensions beyond the usual ones
 */
public record TurnFacts(
    int number,
    Optional<String> prompt,
    Optional<String> agentVersion,
    Optional<String> cwd,
    Optional<String> branch,
    List<String> tags,
    Map<String, String> metadata) {
  public TurnFacts {
    tags = List.copyOf(tags);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }
}
