package dev.turnpike.privacy;

/**
 * A prefix that says whose token it is, and a body: {@code ghp_} and 36 letters and digits.
 *
 * @param most characters of the body; a longer run is something else
 * @param mixed the body must hold a letter and a digit: short prefixes begin ordinary words too
 */
record Token(String kind, String prefix, Chars body, int least, int most, boolean mixed) {
  private static final int ANY = Integer.MAX_VALUE;

  static Token atLeast(String kind, String prefix, Chars body, int least) {
    return new Token(kind, prefix, body, least, ANY, false);
  }

  static Token mixedAtLeast(String kind, String prefix, Chars body, int least) {
    return new Token(kind, prefix, body, least, ANY, true);
  }

  static Token exactly(String kind, String prefix, Chars body, int length) {
    return new Token(kind, prefix, body, length, length, false);
  }

  /** Where the secret that begins at {@code at} with this prefix ends; -1: there is none. */
  int endOf(String text, int at) {
    if (!text.startsWith(prefix, at) || !Shape.begins(text, at, body)) {
      return -1;
    }
    int from = at + prefix.length();
    int end = body.endOfRun(text, from);
    int length = end - from;
    boolean fits = length >= least && length <= most;
    return fits && (!mixed || Randomness.mixed(text, from, end)) ? end : -1;
  }
}
