package dev.turnpike.privacy;

import java.util.List;

/**
 * The password in {@code scheme://user:password@host}. Variables ({@code $PASSWORD}) and rows of
 * stars stay.
 */
record UrlPasswordShape() implements Shape {
  private static final String ANCHOR = "://";
  private static final int MOST_CHARS = 512;

  /** What may stand between :// and the end of an authority. */
  private static final Chars AUTHORITY = Chars.of("!$%&()*+,.0-9:;=@A-Z_a-z~-");

  @Override
  public List<String> anchors() {
    return List.of(ANCHOR);
  }

  /** URLs are everywhere, those with a password are not. */
  @Override
  public boolean likely(String text, int at) {
    int limit = Math.min(text.length(), at + ANCHOR.length() + MOST_CHARS);
    int i = at + ANCHOR.length();
    while (i < limit && text.charAt(i) != '@' && AUTHORITY.has(text.charAt(i))) {
      i++;
    }
    return i < limit && text.charAt(i) == '@';
  }

  @Override
  public void find(String text, List<Match> found) {
    int next;
    for (int at = text.indexOf(ANCHOR); at >= 0; at = text.indexOf(ANCHOR, next)) {
      int from = at + ANCHOR.length();
      next = from;
      if (at > 0 && Chars.ALNUM.has(text.charAt(at - 1))) {
        password(text, from, found);
      }
    }
  }

  private static void password(String text, int from, List<Match> found) {
    int colon = -1;
    int host = -1;
    int limit = Math.min(text.length(), from + MOST_CHARS);
    for (int i = from; i < limit && AUTHORITY.has(text.charAt(i)); i++) {
      char c = text.charAt(i);
      if (c == ':' && colon < 0) {
        colon = i;
      } else if (c == '@') {
        host = i;
      }
    }
    if (colon < 0 || host <= colon + 1 || host + 1 >= text.length()) {
      return;
    }
    boolean hostFollows = Chars.ALNUM.has(text.charAt(host + 1)) || text.charAt(host + 1) == '[';
    if (hostFollows && !isStandIn(text, colon + 1, host)) {
      found.add(new Match(colon + 1, host, "url_password"));
    }
  }

  private static boolean isStandIn(String text, int from, int end) {
    char first = text.charAt(from);
    if (first == '$' || (first == '%' && end - from >= 2 && text.charAt(end - 1) == '%')) {
      return true;
    }
    for (int i = from; i < end; i++) {
      if (text.charAt(i) != '*') {
        return false;
      }
    }
    return true;
  }
}
