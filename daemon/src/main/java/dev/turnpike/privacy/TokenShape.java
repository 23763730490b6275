package dev.turnpike.privacy;

import java.util.List;

/**
 * A prefix that says whose token it is, and a body: {@code ghp_} and 36 letters and digits.
 *
 * @param most characters of the body; a longer run is something else
 * @param mixed the body must hold a letter and a digit: short prefixes begin ordinary words too
 */
record TokenShape(String kind, String prefix, Chars body, int least, int most, boolean mixed)
    implements Shape {
  private static final int ANY = Integer.MAX_VALUE;

  static TokenShape atLeast(String kind, String prefix, Chars body, int least) {
    return new TokenShape(kind, prefix, body, least, ANY, false);
  }

  static TokenShape mixedAtLeast(String kind, String prefix, Chars body, int least) {
    return new TokenShape(kind, prefix, body, least, ANY, true);
  }

  static TokenShape exactly(String kind, String prefix, Chars body, int length) {
    return new TokenShape(kind, prefix, body, length, length, false);
  }

  @Override
  public void find(String text, List<Match> found) {
    int next;
    for (int at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, next)) {
      int from = at + prefix.length();
      next = from;
      if (Shape.begins(text, at, body)) {
        int end = body.endOfRun(text, from);
        int length = end - from;
        if (length >= least && length <= most && (!mixed || Randomness.mixed(text, from, end))) {
          found.add(new Match(at, end, kind));
          next = end;
        }
      }
    }
  }
}
