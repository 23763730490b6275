package dev.turnpike.privacy;

import java.util.List;

/**
 * {@code eyJhbGciOi....eyJzdWIiOi....c2lnbmF0dXJl}: three or more parts of base64url, the first one
 * JSON.
 */
record JwtShape() implements Shape {
  private static final String ANCHOR = "eyJ";
  private static final int LEAST_PART_CHARS = 8;
  private static final int LEAST_PARTS = 3;
  private static final Chars DOTTED = Chars.URL_SAFE.with(Chars.of("."));

  @Override
  public List<String> anchors() {
    return List.of(ANCHOR);
  }

  @Override
  public void find(String text, List<Match> found) {
    int next;
    for (int at = text.indexOf(ANCHOR); at >= 0; at = text.indexOf(ANCHOR, next)) {
      next = at + ANCHOR.length();
      if (Shape.begins(text, at, DOTTED)) {
        int end = at;
        int parts = 0;
        int from = at;
        int to = Chars.URL_SAFE.endOfRun(text, from);
        while (to - from >= LEAST_PART_CHARS) {
          parts++;
          end = to;
          if (to >= text.length() || text.charAt(to) != '.') {
            break;
          }
          from = to + 1;
          to = Chars.URL_SAFE.endOfRun(text, from);
        }
        if (parts >= LEAST_PARTS) {
          found.add(new Match(at, end, "jwt"));
        }
        next = Math.max(next, to);
      }
    }
  }
}
