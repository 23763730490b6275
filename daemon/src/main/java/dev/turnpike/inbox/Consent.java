package dev.turnpike.inbox;

import dev.turnpike.model.Caller;
import java.util.Map;

/**
 * Judges a call by the settings. Stores the credentials it finds in {@code environment} and answers
 * with the id of their destination.
 */
@FunctionalInterface
public interface Consent {
  /**
   * @param caller without secrets
   * @param environment all variables of the call, secrets included; not to be kept
   */
  Terms judge(Caller caller, Map<String, String> environment);
}
