package dev.turnpike.agent;

import dev.turnpike.agent.JsonBytes.Unsure;

/** What stands in a JSON string for a character that is not plain. */
final class JsonChars {
  private static final int HEX_DIGITS = 4;

  private JsonChars() {}

  /** What the escape that begins there stands for. */
  static int escaped(byte[] json, int backslash, int end) throws Unsure {
    if (backslash + 1 >= end) {
      throw new Unsure();
    }
    byte kind = json[backslash + 1];
    return switch (kind) {
      case '"', '\\', '/' -> kind;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hex(json, backslash + 2, end);
      default -> throw new Unsure();
    };
  }

  /** How long the escape that begins there is. */
  static int escapeBytes(byte[] json, int backslash) {
    return json[backslash + 1] == 'u' ? 2 + HEX_DIGITS : 2;
  }

  private static int hex(byte[] json, int from, int end) throws Unsure {
    if (from + HEX_DIGITS > end) {
      throw new Unsure();
    }
    int value = 0;
    for (int i = from; i < from + HEX_DIGITS; i++) {
      int digit = Character.digit((char) (json[i] & 0xff), 16);
      if (digit < 0) {
        throw new Unsure();
      }
      value = (value << 4) | digit;
    }
    return value;
  }

  /** Writes a character beyond ASCII in UTF-8; where it ends. */
  static int encode(int point, byte[] out, int to) throws Unsure {
    int length = to;
    if (point >= 0x800) {
      if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        // half a character, alone or not: UTF-8 has no place for it
        throw new Unsure();
      }
      out[length++] = (byte) (0xe0 | (point >> 12));
      out[length++] = (byte) (0x80 | ((point >> 6) & 0x3f));
    } else {
      out[length++] = (byte) (0xc0 | (point >> 6));
    }
    out[length++] = (byte) (0x80 | (point & 0x3f));
    return length;
  }

  /**
   * How many bytes the character beyond ASCII that begins there has. As the Unicode standard's
   * table of well-formed sequences: nothing overlong, no surrogate, nothing beyond U+10FFFF.
   */
  static int bytes(byte[] json, int index, int end) throws Unsure {
    int lead = json[index] & 0xff;
    if (lead >= 0xc2 && lead <= 0xdf) {
      continues(json, index + 1, end, 0x80, 0xbf);
      return 2;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
      continues(json, index + 1, end, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
      continues(json, index + 2, end, 0x80, 0xbf);
      return 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
      continues(json, index + 1, end, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
      continues(json, index + 2, end, 0x80, 0xbf);
      continues(json, index + 3, end, 0x80, 0xbf);
      return 4;
    }
    throw new Unsure(); // also a control character
  }

  private static void continues(byte[] json, int index, int end, int least, int most)
      throws Unsure {
    if (index >= end || (json[index] & 0xff) < least || (json[index] & 0xff) > most) {
      throw new Unsure();
    }
  }
}
