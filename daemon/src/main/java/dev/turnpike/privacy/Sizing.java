package dev.turnpike.privacy;

/**
 * How many bytes a text takes once it is UTF-8 inside a JSON string, the larger of the two ways it
 * may travel.
 */
final class Sizing {
  private Sizing() {}

  static long encodedBytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      bytes += encodedBytes(text.charAt(i));
    }
    return bytes;
  }

  /**
   * How many characters from the start fit into {@code limitBytes}; never between the halves of a
   * surrogate pair.
   */
  static int charsWithin(String text, long limitBytes) {
    long bytes = 0;
    int at = 0;
    while (at < text.length()) {
      bytes += encodedBytes(text.charAt(at));
      if (bytes > limitBytes) {
        break;
      }
      at++;
    }
    return wholeCodePoints(text, at);
  }

  /** {@code end}, or one less where it would split a character of two. */
  static int wholeCodePoints(String text, int end) {
    boolean splits =
        end > 0
            && end < text.length()
            && Character.isHighSurrogate(text.charAt(end - 1))
            && Character.isLowSurrogate(text.charAt(end));
    return splits ? end - 1 : end;
  }

  private static int encodedBytes(char c) {
    if (c >= ' ' && c < 0x7f) {
      return c == '"' || c == '\\' ? 2 : 1;
    }
    if (c < ' ' || c == 0x7f) {
      return c == '\n' || c == '\t' || c == '\r' ? 2 : 6;
    }
    // half of a surrogate pair is half of four bytes; a lone one becomes a replacement of three
    return c < 0x800 ? 2 : 3;
  }
}
