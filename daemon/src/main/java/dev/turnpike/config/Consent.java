package dev.turnpike.config;

import dev.turnpike.model.DestinationId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the user wants of one hook call, judged at the moment it arrives. */
public sealed interface Consent {
  /**
   * Tracing is off for this call.
   *
   * @param reason for people
   */
  record Declined(String reason) implements Consent {}

  /**
   * @param destination where the turn goes; {@link DestinationId#LOCAL} without keys, and when they
   *     are not usable
   * @param environment the call's environment without anything secret: this may be kept
   * @param problems what was wrong, for status; without secrets
   */
  record Given(DestinationId destination, Map<String, String> environment, List<String> problems)
      implements Consent {
    public Given {
      environment = Collections.unmodifiableMap(new TreeMap<>(environment));
      problems = List.copyOf(problems);
    }
  }
}
