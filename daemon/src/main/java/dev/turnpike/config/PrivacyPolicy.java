package dev.turnpike.config;

/**
 * What of a trace may leave the session's worker.
 *
 * @param maxFieldChars longest string; longer ones are cut and marked
 */
public record PrivacyPolicy(
    int maxFieldChars,
    boolean capturePrompts,
    boolean captureAnswers,
    boolean captureToolInput,
    boolean captureToolOutput,
    boolean captureReasoning,
    boolean maskSecrets) {
  public PrivacyPolicy {
    if (maxFieldChars < 0) {
      throw new IllegalArgumentException("maxFieldChars is negative: " + maxFieldChars);
    }
  }

  /** Everything is captured, secrets are masked, strings end at 100,000 characters. */
  public static PrivacyPolicy defaults() {
    return new PrivacyPolicy(100_000, true, true, true, true, true, true);
  }
}
