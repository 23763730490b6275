package dev.turnpike.config;

import dev.turnpike.model.DestinationId;

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
   */
  record Given(DestinationId destination) implements Consent {}
}
