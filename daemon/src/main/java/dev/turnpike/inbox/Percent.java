package dev.turnpike.inbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Percent-encoding as the hook client writes it: any byte survives the way. */
final class Percent {
  private Percent() {}

  private static boolean ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /**
   * The bytes read as UTF-8; bytes that are none become U+FFFD, since neither our paths nor our
   * settings could hold them. Empty if a percent sign is not followed by two hex digits.
   */
  static Optional<String> decode(String text) {
    if (text.indexOf('%') < 0 && ascii(text)) {
      return Optional.of(text);
    }
    var bytes = ByteBuffer.allocate(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        bytes.put((byte) c);
        continue;
      }
      if (i + 2 >= text.length()) {
        return Optional.empty();
      }
      int high = Character.digit(text.charAt(i + 1), 16);
      int low = Character.digit(text.charAt(i + 2), 16);
      if (high < 0 || low < 0) {
        return Optional.empty();
      }
      bytes.put((byte) (high << 4 | low));
      i += 2;
    }
    return Optional.of(new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
  }
}
