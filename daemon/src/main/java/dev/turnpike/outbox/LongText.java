package dev.turnpike.outbox;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a string as Jackson does, byte for byte. What tools print is long and mostly in ASCII; it
 * is copied from one character that must be escaped to the next, instead of looked at and put down
 * one by one.
 */
final class LongText {
  private static final int LEAST_CHARS = 64;
  private static final int ESCAPE_BYTES = 6;

  /** What stands for each ASCII character that cannot stand for itself. */
  private static final byte[][] ESCAPES = escapes();

  /**
   * Where a run ends. Half a surrogate pair, which is no ASCII, becomes a question mark as bytes.
   */
  private static final boolean[] STOPS = stops();

  private LongText() {}

  static void write(JsonGenerator json, String text) throws IOException {
    if (text.length() < LEAST_CHARS || !writeAscii(json, text)) {
      json.writeString(text);
    }
  }

  private static boolean writeAscii(JsonGenerator json, String text) throws IOException {
    byte[] plain = text.getBytes(StandardCharsets.UTF_8);
    if (plain.length != text.length()) {
      return false;
    }
    byte[] escaped = new byte[plain.length + plain.length / 8 + ESCAPE_BYTES];
    boolean[] stops = STOPS;
    int length = 0;
    int begin = 0;
    for (int i = 0; i < plain.length; i++) {
      if (!stops[plain[i]]) {
        continue;
      }
      byte[] escape = ESCAPES[plain[i]];
      if (escape.length == 0) {
        if (text.charAt(i) != '?') {
          return false;
        }
        continue;
      }
      int run = i - begin;
      escaped = withRoom(escaped, length + run + ESCAPE_BYTES);
      System.arraycopy(plain, begin, escaped, length, run);
      length += run;
      for (byte one : escape) {
        escaped[length++] = one;
      }
      begin = i + 1;
    }
    int run = plain.length - begin;
    escaped = withRoom(escaped, length + run);
    System.arraycopy(plain, begin, escaped, length, run);
    json.writeRawUTF8String(escaped, 0, length + run);
    return true;
  }

  private static byte[] withRoom(byte[] bytes, int least) {
    return bytes.length >= least ? bytes : Arrays.copyOf(bytes, least + least / 4);
  }

  private static byte[][] escapes() {
    var escapes = new byte[128][];
    Arrays.fill(escapes, new byte[0]);
    for (int c = 0; c < ' '; c++) {
      escapes[c] = "\\u%04X".formatted(c).getBytes(StandardCharsets.US_ASCII);
    }
    String named = "\"\"\\\\\nn\rr\tt\bb\ff";
    for (int i = 0; i < named.length(); i += 2) {
      escapes[named.charAt(i)] = new byte[] {'\\', (byte) named.charAt(i + 1)};
    }
    return escapes;
  }

  private static boolean[] stops() {
    var stops = new boolean[128];
    for (int c = 0; c < stops.length; c++) {
      stops[c] = ESCAPES[c].length > 0 || c == '?';
    }
    return stops;
  }
}
