package dev.turnpike.outbox;

import dev.turnpike.platform.ByteSearch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.IdentityHashMap;

/**
 * JSON as UTF-8 in memory, byte for byte as Jackson writes it with {@link
 * Body#LAST_BEFORE_SURROGATES}; who calls sees to it that names and values come in an order that is
 * JSON. Jackson's own generator looks at each character several times; here a text is copied from
 * one character that must be escaped to the next.
 */
final class JsonWriter {
  /** Doubled four times it is what is kept at most. */
  private static final int FIRST_BYTES = 24 * 1024;

  /** A larger one, which a few texts may have taken, is not kept for what comes next. */
  private static final int LIMIT_KEPT_BYTES = 384 * 1024;

  private static final int ESCAPE_BYTES = 6;

  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /** The letter behind the backslash; 0: none, {@code u}: four digits follow. */
  private static final byte[] ESCAPES = escapes();

  /**
   * A text that was written.
   *
   * @param number how many were before it
   * @param bytes what it took, quotes and all
   */
  private record Written(int number, int bytes) {}

  private byte[] bytes = new byte[FIRST_BYTES];
  private int length;
  private boolean comma;

  // by identity: a tool's result and the message that hands it to the model share one string
  private final IdentityHashMap<String, Written> written = new IdentityHashMap<>();

  private long sparedBytes;

  /** Only what lies before {@link #length} is of meaning. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** The next value is the first one, and no text was written before it. */
  void reset() {
    length = 0;
    comma = false;
    written.clear();
    sparedBytes = 0;
    if (bytes.length > LIMIT_KEPT_BYTES) {
      bytes = new byte[FIRST_BYTES];
    }
  }

  /** What was written is somewhere else now; what follows goes on behind it. */
  void taken() {
    length = 0;
  }

  /** How much more the texts would have taken that are named by a number. */
  long sparedBytes() {
    return sparedBytes;
  }

  void beginObject() {
    open((byte) '{');
  }

  void endObject() {
    close((byte) '}');
  }

  void beginArray() {
    open((byte) '[');
  }

  void endArray() {
    close((byte) ']');
  }

  /**
   * @param name any text; those we give ourselves are quicker with {@link #name}
   */
  void anyName(String name) {
    string(name);
    putColon();
  }

  /**
   * @param name of ASCII without anything to escape
   */
  void name(String name) {
    plain(name);
    putColon();
  }

  /** A string of ASCII with nothing to escape in it: ids, times, names of constants. */
  @SuppressWarnings("deprecation") // copies characters as bytes, without a walk or an array between
  void plain(String text) {
    int chars = text.length();
    room(chars + 3);
    separate();
    bytes[length++] = '"';
    text.getBytes(0, chars, bytes, length);
    length += chars;
    bytes[length++] = '"';
    comma = true;
  }

  void string(String text) {
    room(3);
    separate();
    comma = true;
    quoted(text);
  }

  /**
   * A string of a trace's contents, or the number of the one that was the very same: the first one
   * of {@link TraceJson#LEAST_NUMBERED_CHARS} or more is 0, the next one 1.
   */
  void text(String name, String text) {
    name(name);
    if (text.length() < TraceJson.LEAST_NUMBERED_CHARS) {
      string(text);
      return;
    }
    Written before = written.get(text);
    int from = length;
    if (before == null) {
      string(text);
      written.put(text, new Written(written.size(), length - from));
    } else {
      number(before.number());
      sparedBytes += before.bytes() - (length - from);
    }
  }

  void string(String name, String text) {
    name(name);
    string(text);
  }

  void plain(String name, String text) {
    name(name);
    plain(text);
  }

  void number(String name, long number) {
    name(name);
    number(number);
  }

  void number(long number) {
    literal(Long.toString(number));
  }

  void bool(String name, boolean value) {
    name(name);
    literal(value ? "true" : "false");
  }

  void nothing() {
    literal("null");
  }

  @SuppressWarnings("deprecation") // as above
  private void literal(String ascii) {
    room(ascii.length() + 1);
    separate();
    ascii.getBytes(0, ascii.length(), bytes, length);
    length += ascii.length();
    comma = true;
  }

  private void open(byte bracket) {
    room(2);
    separate();
    bytes[length++] = bracket;
    comma = false;
  }

  private void close(byte bracket) {
    room(1);
    bytes[length++] = bracket;
    comma = true;
  }

  private void putColon() {
    room(1);
    bytes[length++] = ':';
    comma = false;
  }

  private void separate() {
    if (comma) {
      bytes[length++] = ',';
    }
  }

  private void quoted(String text) {
    // most texts are kept as Latin-1 in memory, and a copy of that is all this call makes of them;
    // of others it has a question mark for each character beyond, one for both halves of a pair
    byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
    int end = latin.length;
    room(end + 2);
    bytes[length++] = '"';
    int begin = 0;
    int pairs = 0;
    int i = ByteSearch.unplainOrMark(latin, 0, end);
    while (i < end) {
      char c = latin[i] == '?' ? text.charAt(i + pairs) : (char) (latin[i] & 0xff);
      if (c != '?') {
        run(latin, begin, i);
        begin = i + 1;
        escape(c);
        boolean pair =
            Character.isHighSurrogate(c)
                && Character.isSupplementaryCodePoint(text.codePointAt(i + pairs));
        if (pair) {
          pairs++;
          escape(text.charAt(i + pairs));
        }
      }
      i++;
      // where one character is of another script, the next one mostly is too
      i = i < end && latin[i] == '?' ? i : ByteSearch.unplainOrMark(latin, i, end);
    }
    run(latin, begin, end);
    bytes[length++] = '"';
  }

  /** Leaves room for two escapes and the last quote. */
  private void run(byte[] latin, int begin, int end) {
    int run = end - begin;
    room(run + 2 * ESCAPE_BYTES + 1);
    if (run > 0) {
      System.arraycopy(latin, begin, bytes, length, run);
      length += run;
    }
  }

  /** A character that is no single byte by itself. There is room for it. */
  private void escape(char c) {
    byte letter = c < 0x80 ? ESCAPES[c] : c > Body.LAST_BEFORE_SURROGATES ? (byte) 'u' : 0;
    if (letter != 0) {
      bytes[length++] = '\\';
      bytes[length++] = letter;
      if (letter == 'u') {
        bytes[length++] = HEX[c >> 12];
        bytes[length++] = HEX[c >> 8 & 0xf];
        bytes[length++] = HEX[c >> 4 & 0xf];
        bytes[length++] = HEX[c & 0xf];
      }
    } else if (c < 0x800) {
      bytes[length++] = (byte) (0xc0 | (c >> 6));
      bytes[length++] = (byte) (0x80 | (c & 0x3f));
    } else {
      bytes[length++] = (byte) (0xe0 | (c >> 12));
      bytes[length++] = (byte) (0x80 | (c >> 6 & 0x3f));
      bytes[length++] = (byte) (0x80 | (c & 0x3f));
    }
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }

  private static byte[] escapes() {
    var escapes = new byte[0x80];
    Arrays.fill(escapes, 0, ' ', (byte) 'u');
    String named = "\"\"\\\\\nn\rr\tt\bb\ff";
    for (int i = 0; i < named.length(); i += 2) {
      escapes[named.charAt(i)] = (byte) named.charAt(i + 1);
    }
    return escapes;
  }
}
