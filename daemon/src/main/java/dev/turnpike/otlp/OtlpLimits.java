package dev.turnpike.otlp;

/**
 * What one request may hold. What is beyond is left out and counted.
 *
 * @param bytes of the body after it was inflated; a longer one is refused as a whole
 * @param attributes of a span, a resource or an event
 * @param events of a span
 * @param textChars longest string
 * @param depth of values within values
 */
public record OtlpLimits(
    int bytes, int spans, int attributes, int events, int textChars, int depth) {
  public static final OtlpLimits STANDARD =
      new OtlpLimits(16 << 20, 10_000, 256, 256, 1_000_000, 8);
}
