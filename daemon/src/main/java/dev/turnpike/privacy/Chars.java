package dev.turnpike.privacy;

/**
 * A set of ASCII characters, as two words of bits: membership is asked for every character of every
 * trace.
 */
record Chars(long low, long high) {
  static final Chars ALNUM = of("0-9A-Za-z");
  static final Chars UPPER_ALNUM = of("0-9A-Z");
  static final Chars WORD = of("0-9A-Za-z_");
  static final Chars URL_SAFE = of("0-9A-Za-z_-");
  static final Chars BASE64 = of("0-9A-Za-z+/=");

  /** {@code "0-9A-Z_-"}: ranges and single characters, a dash last means itself. */
  static Chars of(String spec) {
    long low = 0;
    long high = 0;
    for (int i = 0; i < spec.length(); i++) {
      char from = spec.charAt(i);
      char to = from;
      if (i + 2 < spec.length() && spec.charAt(i + 1) == '-') {
        to = spec.charAt(i + 2);
        i += 2;
      }
      for (int c = from; c <= to; c++) {
        if (c < 64) {
          low |= 1L << c;
        } else {
          high |= 1L << (c - 64);
        }
      }
    }
    return new Chars(low, high);
  }

  boolean has(char c) {
    return c < 64 ? (low >>> c & 1) != 0 : c < 128 && (high >>> (c - 64) & 1) != 0;
  }

  Chars with(Chars other) {
    return new Chars(low | other.low, high | other.high);
  }

  /** Where the run of these characters that begins at {@code from} ends. */
  int endOfRun(String text, int from) {
    int at = from;
    while (at < text.length() && has(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
