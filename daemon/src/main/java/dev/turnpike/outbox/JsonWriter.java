package dev.turnpike.outbox;

import dev.turnpike.platform.ByteSearch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.IdentityHashMap;

/**
 * JSON as UTF-8 in memory, byte for byte as Jackson writes it with {@link
 * Body#LAST_BEFORE_SURROGATES}; who calls sees to it that names and values come in an order that is
 * JSON. Jackson's own generator looks at each character several times; here a text is copied from
 * one character that must be escaped to the next, and one that comes again is copied as it was
 * written.
 */
final class JsonWriter {
  /** Doubled six times it is what is kept at most. */
  private static final int FIRST_BYTES = 24 * 1024;

  /** A larger one, which a few texts may have taken, is not kept for what comes next. */
  private static final int LIMIT_KEPT_BYTES = 1536 * 1024;

  private static final int ESCAPE_BYTES = 6;
  private static final int CHUNK_CHARS = 1024;

  /** To remember a shorter one costs more than to write it again. */
  private static final int LEAST_REMEMBERED_CHARS = 256;

  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /** The letter behind the backslash; 0: none, {@code u}: four digits follow. */
  private static final byte[] ESCAPES = escapes();

  private record Place(int from, int length) {}

  private final char[] chars = new char[CHUNK_CHARS];
  private byte[] bytes = new byte[FIRST_BYTES];
  private int length;
  private boolean comma;

  // by identity: a tool's result and the message that hands it to the model share one string
  private final IdentityHashMap<String, Place> written = new IdentityHashMap<>();

  /** Only what lies before {@link #length} is of meaning. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** The next value is the first one. */
  void reset() {
    length = 0;
    comma = false;
    written.clear();
    if (bytes.length > LIMIT_KEPT_BYTES) {
      bytes = new byte[FIRST_BYTES];
    }
  }

  /** Forgets what was written first; what follows goes on behind the last {@code count} bytes. */
  void keepLast(int count) {
    int gone = length - count;
    System.arraycopy(bytes, gone, bytes, 0, count);
    length = count;
    written.values().removeIf(place -> place.from() < gone);
    written.replaceAll((text, place) -> new Place(place.from() - gone, place.length()));
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
    if (text.length() < LEAST_REMEMBERED_CHARS) {
      quoted(text);
      return;
    }
    Place before = written.get(text);
    if (before == null) {
      int from = length;
      quoted(text);
      written.put(text, new Place(from, length - from));
    } else {
      room(before.length());
      System.arraycopy(bytes, before.from(), bytes, length, before.length());
      length += before.length();
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
    int from = length;
    // most texts are kept as Latin-1 in memory, and a copy of that is all this call makes of them
    byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
    if (!latin1(text, latin)) {
      length = from;
      anyScript(text);
    }
  }

  /** False if there is more in it than Latin-1, which the copy has question marks for. */
  private boolean latin1(String text, byte[] latin) {
    int begin = 0;
    room(latin.length + 2);
    bytes[length++] = '"';
    int end = latin.length;
    for (int i = ByteSearch.unplainOrMark(latin, 0, end);
        i < end;
        i = ByteSearch.unplainOrMark(latin, i + 1, end)) {
      byte c = latin[i];
      if (c == '?') {
        if (text.charAt(i) != '?') {
          return false;
        }
        continue;
      }
      run(latin, begin, i);
      begin = i + 1;
      escape((char) (c & 0xff));
    }
    run(latin, begin, end);
    bytes[length++] = '"';
    return true;
  }

  /** Leaves room for an escape and the last quote. */
  private void run(byte[] latin, int begin, int end) {
    int run = end - begin;
    room(run + ESCAPE_BYTES + 1);
    System.arraycopy(latin, begin, bytes, length, run);
    length += run;
  }

  private void anyScript(String text) {
    room(1);
    bytes[length++] = '"';
    for (int from = 0; from < text.length(); from += CHUNK_CHARS) {
      int count = Math.min(CHUNK_CHARS, text.length() - from);
      text.getChars(from, from + count, chars, 0);
      room(count * ESCAPE_BYTES + 1);
      for (int i = 0; i < count; i++) {
        char c = chars[i];
        if (c < 0x80 && ESCAPES[c] == 0) {
          bytes[length++] = (byte) c;
        } else {
          escape(c);
        }
      }
    }
    bytes[length++] = '"';
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
