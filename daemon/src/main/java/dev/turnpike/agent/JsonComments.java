package dev.turnpike.agent;

/** Where comments stand in a text that is known to be JSON with comments. */
final class JsonComments {
  private JsonComments() {}

  /** The first character from {@code at} on that is neither blank nor in a comment. */
  static int skipped(String text, int at) {
    int here = at;
    while (here < text.length()) {
      if (Character.isWhitespace(text.charAt(here))) {
        here++;
      } else if (text.startsWith("//", here) || text.startsWith("/*", here)) {
        here = end(text, here);
      } else {
        break;
      }
    }
    return here;
  }

  /**
   * The end of what stands behind {@code at} on the same line, if that is comments; else {@code at}
   * itself. A line's end is not part of it.
   */
  static int behind(String text, int at) {
    int behind = at;
    int here = at;
    while (here < text.length()) {
      char c = text.charAt(here);
      if (c == ' ' || c == '\t') {
        here++;
      } else if (text.startsWith("//", here) || text.startsWith("/*", here)) {
        int end = end(text, here);
        if (text.substring(here, end).indexOf('\n') >= 0) {
          break;
        }
        here = end;
        behind = end;
      } else {
        break;
      }
    }
    return behind;
  }

  private static int end(String text, int at) {
    if (text.startsWith("/*", at)) {
      int close = text.indexOf("*/", at + 2);
      return close < 0 ? text.length() : close + 2;
    }
    int line = at;
    while (line < text.length() && text.charAt(line) != '\n' && text.charAt(line) != '\r') {
      line++;
    }
    return line;
  }
}
