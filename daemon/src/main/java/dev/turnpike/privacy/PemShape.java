package dev.turnpike.privacy;

import java.util.List;

/**
 * A private key in PEM: from BEGIN to END, or as far as it goes where the text was cut. Words about
 * such keys, without a key's lines between them, stay. Where quotes stand inside (a key built from
 * string literals), only the key's lines go.
 */
record PemShape() implements Shape {
  private static final String KIND = "private_key";
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";
  private static final String PRIVATE = "PRIVATE KEY";
  private static final int MOST_LABEL_CHARS = 60;
  private static final int LEAST_LINE_CHARS = 16;
  private static final int LEAST_CUT_LINE_CHARS = 40;
  private static final Chars BETWEEN_LINES = Chars.of(" \t\r\n\\");

  @Override
  public List<String> anchors() {
    return List.of(BEGIN);
  }

  @Override
  public void find(String text, List<Match> found) {
    int at = text.indexOf(BEGIN);
    int end = -2;
    while (at >= 0) {
      int body = endOfLabel(text, at + BEGIN.length());
      int next = text.indexOf(BEGIN, at + BEGIN.length());
      if (body >= 0) {
        // looked up again only when passed: else many BEGINs without an END would cost a search to
        // the end each
        if (end != -1 && end < body) {
          end = text.indexOf(END, body);
        }
        boolean closed = end >= 0 && (next < 0 || end < next);
        if (closed) {
          whole(text, at, body, end, found);
        } else {
          cut(text, at, body, found);
        }
      }
      at = next;
    }
  }

  /** Behind the dashes that close the label of a private key; -1: it is none. */
  private static int endOfLabel(String text, int from) {
    int limit = Math.min(text.length(), from + MOST_LABEL_CHARS);
    int close = text.indexOf(DASHES, from);
    if (close < 0 || close + DASHES.length() > limit) {
      return -1;
    }
    return text.substring(from, close).contains(PRIVATE) ? close + DASHES.length() : -1;
  }

  private static void whole(String text, int start, int body, int end, List<Match> found) {
    boolean quoted = false;
    boolean lines = false;
    for (int at = body; at < end; ) {
      char c = text.charAt(at);
      quoted |= c == '"' || c == '\'' || c == '`';
      int run = Chars.BASE64.endOfRun(text, at);
      lines |= run - at >= LEAST_LINE_CHARS;
      at = Math.max(at + 1, run);
    }
    if (!lines) {
      return;
    }
    int close = endOfLabel(text, end + END.length());
    if (!quoted && close >= 0) {
      found.add(new Match(start, close, KIND));
      return;
    }
    for (int at = body; at < end; ) {
      int run = Math.min(end, Chars.BASE64.endOfRun(text, at));
      if (run - at >= LEAST_LINE_CHARS) {
        // the letter of an escape before it is no part of the line
        boolean escape = at > 0 && text.charAt(at - 1) == '\\';
        found.add(new Match(escape ? at + 1 : at, run, KIND));
      }
      at = Math.max(at + 1, run);
    }
  }

  private static void cut(String text, int start, int body, List<Match> found) {
    int end = -1;
    int at = BETWEEN_LINES.endOfRun(text, body);
    int run = Chars.BASE64.endOfRun(text, at);
    while (run - at >= LEAST_CUT_LINE_CHARS) {
      end = run;
      at = BETWEEN_LINES.endOfRun(text, run);
      run = Chars.BASE64.endOfRun(text, at);
    }
    if (end < 0) {
      return;
    }
    boolean lastLine = run > at && (run == text.length() || text.charAt(run) == '"');
    found.add(new Match(start, lastLine ? run : end, KIND));
  }
}
