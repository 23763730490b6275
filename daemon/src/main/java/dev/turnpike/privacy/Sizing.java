package dev.turnpike.privacy;

import java.nio.charset.StandardCharsets;

/**
 * How many bytes a text takes once it is UTF-8 inside a JSON string, the larger of the two ways it
 * may travel.
 */
final class Sizing {
  /** Of a character that is escaped. */
  static final long MOST_BYTES_PER_CHAR = 6;

  /** Of one that is not. */
  static final long MOST_UTF8_BYTES_PER_CHAR = 3;

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

  /** Bytes of the text itself in UTF-8. */
  static long utf8Bytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** Characters of the text inside a JSON string in memory, quotes not counted. */
  static int escapedChars(String text) {
    int chars = 0;
    for (int i = 0; i < text.length(); i++) {
      chars += escapedChars(text.charAt(i));
    }
    return chars;
  }

  /**
   * How many characters from the start take no more than {@code limit} once escaped; whole code
   * points.
   */
  static int charsWithinEscaped(String text, int limit) {
    int chars = 0;
    int at = 0;
    while (at < text.length() && chars + escapedChars(text.charAt(at)) <= limit) {
      chars += escapedChars(text.charAt(at));
      at++;
    }
    return wholeCodePoints(text, at);
  }

  private static int escapedChars(char c) {
    if (c >= ' ') {
      return c == '"' || c == '\\' ? 2 : 1;
    }
    return "\n\t\r\b\f".indexOf(c) >= 0 ? 2 : 6;
  }

  private static int encodedBytes(char c) {
    if (c >= ' ' && c < 0x7f) {
      return c == '"' || c == '\\' ? 2 : 1;
    }
    if (c < ' ' || c == 0x7f) {
      return c == '\n' || c == '\t' || c == '\r' ? 2 : 6;
    }
    if (Character.isSurrogate(c)) {
      // Jackson 2.22 writes each half as an escape into UTF-8 too
      return 6;
    }
    return c < 0x800 ? 2 : 3;
  }

  /**
   * {@code text} without halves of surrogate pairs, which encoders refuse. Agents cut their own
   * texts between two halves and write what is left as an escape.
   */
  static String wellFormed(String text) {
    int lone = isLatin1(text) ? -1 : loneSurrogate(text, 0);
    if (lone < 0) {
      return text;
    }
    var whole = new StringBuilder(text);
    for (; lone >= 0; lone = loneSurrogate(text, lone + 1)) {
      whole.setCharAt(lone, '\uFFFD');
    }
    return whole.toString();
  }

  /**
   * Most texts are kept as Latin-1 in memory, so that this copy costs next to nothing. Whatever
   * else there is in one becomes a question mark in it.
   */
  private static boolean isLatin1(String text) {
    byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
    if (latin.length != text.length()) {
      return false;
    }
    for (int i = 0; i < latin.length; i++) {
      if (latin[i] == '?' && text.charAt(i) != '?') {
        return false;
      }
    }
    return true;
  }

  private static int loneSurrogate(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
