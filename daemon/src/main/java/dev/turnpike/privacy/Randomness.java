package dev.turnpike.privacy;

/** Whether a value looks drawn and not written. */
final class Randomness {
  private static final int LEAST_CHARS = 16;
  private static final int MOST_CHARS = 1_024;
  private static final int LEAST_SEGMENT_CHARS = 8;
  private static final double LEAST_BITS_PER_CHAR = 2.8;

  private Randomness() {}

  /** Whether there is a digit and a letter. */
  static boolean mixed(String text, int from, int end) {
    boolean digit = false;
    boolean letter = false;
    for (int i = from; i < end && !(digit && letter); i++) {
      char c = text.charAt(i);
      digit |= isDigit(c);
      letter |= isLetter(c);
    }
    return digit && letter;
  }

  /**
   * Passwords and keys as machines make them: long, many different characters, and at least one
   * stretch in which letters and digits mix. {@code my-secret-name-12345}, paths and plain words
   * are none.
   *
   * @param leastDigits in all
   */
  static boolean looksDrawn(String text, int from, int end, int leastDigits) {
    int length = end - from;
    if (length < LEAST_CHARS || length > MOST_CHARS || "$%@/.~".indexOf(text.charAt(from)) >= 0) {
      return false;
    }
    int digits = 0;
    for (int i = from; i < end; i++) {
      digits += isDigit(text.charAt(i)) ? 1 : 0;
    }
    return digits >= leastDigits
        && hasMixedSegment(text, from, end)
        && bitsPerChar(text, from, end) >= LEAST_BITS_PER_CHAR;
  }

  private static boolean hasMixedSegment(String text, int from, int end) {
    int start = from;
    while (start < end) {
      int digits = 0;
      boolean upper = false;
      boolean lower = false;
      int at = start;
      for (; at < end && Chars.ALNUM.has(text.charAt(at)); at++) {
        char c = text.charAt(at);
        digits += isDigit(c) ? 1 : 0;
        upper |= c >= 'A' && c <= 'Z';
        lower |= c >= 'a' && c <= 'z';
      }
      boolean mixes = (digits >= 2 && (upper || lower)) || (digits == 1 && upper && lower);
      if (at - start >= LEAST_SEGMENT_CHARS && mixes) {
        return true;
      }
      start = at + 1;
    }
    return false;
  }

  private static double bitsPerChar(String text, int from, int end) {
    int[] counts = new int[128];
    for (int i = from; i < end; i++) {
      counts[text.charAt(i) & 127]++;
    }
    double length = end - from;
    double bits = 0;
    for (int count : counts) {
      if (count > 0) {
        double share = count / length;
        bits -= share * Math.log(share) / Math.log(2);
      }
    }
    return bits;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
}
