package dev.turnpike.agent;

import dev.turnpike.platform.ByteSearch;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks over one JSON text in UTF-8. It exists for speed: rows are read by the gigabyte, most of a
 * row is passed over, and what is taken are long texts, which cost Jackson a pass over each
 * character, one over the characters to make a string of them, and the buffers between.
 *
 * <p>It is stricter than Jackson and says {@link Unsure} of whatever it does not know to be read
 * alike there: then the row is Jackson's. So it needs to be right only in what it accepts, and a
 * test compares the two.
 */
public final class JsonBytes {
  /** Not JSON, or JSON of a kind that is left to Jackson. Thrown for a row in thousands. */
  public static final class Unsure extends Exception {
    private static final long serialVersionUID = 1;

    Unsure() {
      // without a stack trace: it says nothing, and costs most of it
      super("left to Jackson", null, false, false);
    }
  }

  /** Jackson allows 1000, without recursion. */
  private static final int LIMIT_DEPTH = 100;

  /** Jackson allows 1000. */
  private static final int LIMIT_NUMBER_CHARS = 100;

  /** Jackson allows 50,000 characters. */
  private static final int LIMIT_NAME_BYTES = 10_000;

  private static final int LEAST_SCRATCH_BYTES = 8 * 1024;

  private byte[] bytes = new byte[0];
  private int begin;
  private int end;
  private int at;

  /**
   * Where texts with escapes are put together. Held weakly: it serves the rows until the next
   * collection, and a session at rest, of which there may be thousands, holds none.
   */
  private WeakReference<byte[]> scratch = new WeakReference<>(null);

  /** Begins a text. One walker may go over many, one after the other. */
  public void begin(byte[] text, int from, int to) {
    bytes = text;
    begin = from;
    end = to;
    at = from;
  }

  /** Lets go of the text. */
  public void end() {
    bytes = new byte[0];
    begin = 0;
    end = 0;
    at = 0;
  }

  /** The next byte that is no white space, without taking it. A newline is in no row. */
  public int peek() throws Unsure {
    while (at < end) {
      byte next = bytes[at];
      if (next > ' ') {
        return next;
      }
      if (next != ' ' && next != '\t' && next != '\r') {
        throw new Unsure();
      }
      at++;
    }
    throw new Unsure();
  }

  /** Takes that byte, which must come next. */
  private void take(int expected) throws Unsure {
    if (peek() != expected) {
      throw new Unsure();
    }
    at++;
  }

  /** Enters an object or array; whether there is anything in it. */
  public boolean enter(int open, int close) throws Unsure {
    take(open);
    if (peek() == close) {
      at++;
      return false;
    }
    return true;
  }

  /** After a member or element: whether another one follows. */
  public boolean more(int close) throws Unsure {
    int next = peek();
    if (next != ',' && next != close) {
      throw new Unsure();
    }
    at++;
    return next == ',';
  }

  /** What the name of a member stands for in {@code names}; null for another one. */
  public <T> @Nullable T name(Names<T> names) throws Unsure {
    int from = plainName();
    int to = at - 1;
    take(':');
    return names.find(bytes, from, to);
  }

  /** Passes over a name; where it begins. With an escape it may be another than it looks like. */
  private int plainName() throws Unsure {
    int from = opening();
    int to = ByteSearch.unplain(bytes, from, end);
    if (to >= end || bytes[to] != '"') {
      throw new Unsure();
    }
    at = to + 1;
    limitName(from);
    return from;
  }

  private void limitName(int from) throws Unsure {
    if (at - from > LIMIT_NAME_BYTES) {
      throw new Unsure();
    }
  }

  /** The name of a member, whichever it is. */
  public String name() throws Unsure {
    int from = opening();
    String name = text();
    limitName(from);
    take(':');
    return name;
  }

  private int opening() throws Unsure {
    if (peek() != '"') {
      throw new Unsure();
    }
    return at + 1;
  }

  /** A string. */
  public String text() throws Unsure {
    int from = opening();
    int to = ByteSearch.unplain(bytes, from, end);
    if (to < end && bytes[to] == '"') {
      at = to + 1;
      // of ASCII alone: Latin-1 is copied as it is, UTF-8 would be looked through
      return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
    return unescaped(from, to);
  }

  /**
   * A string that says again and again what it said in the row before: the same object then.
   *
   * @param before what came of this before, {@link Repeated#NONE} at first
   */
  public Repeated repeated(Repeated before) throws Unsure {
    int from = opening();
    if (before.standsAt(bytes, from, end)) {
      at = from + before.length() + 1;
      return before;
    }
    String text = text();
    return new Repeated(text, Arrays.copyOfRange(bytes, from, at - 1));
  }

  /** A string, one of {@code words} without making it anew. */
  public String text(Names<String> words) throws Unsure {
    int from = opening();
    int to = ByteSearch.unplain(bytes, from, end);
    String word = to < end && bytes[to] == '"' ? words.find(bytes, from, to) : null;
    if (word == null) {
      return text();
    }
    at = to + 1;
    return word;
  }

  /** The text of a value, if Jackson would write it as it stands here; null if not. */
  public @Nullable String compact() throws Unsure {
    peek();
    int to;
    try {
      to = new CompactJson(bytes, end).value(at, 0);
    } catch (Unsure e) {
      return null; // it is read then, and written by Jackson
    }
    String text = new String(bytes, at, to - at, StandardCharsets.UTF_8);
    at = to;
    return text;
  }

  private String unescaped(int first, int special) throws Unsure {
    byte[] out = scratch();
    boolean ascii = true;
    int length = 0;
    int from = first;
    int next = special;
    while (true) {
      System.arraycopy(bytes, from, out, length, next - from);
      length += next - from;
      if (next >= end) {
        throw new Unsure();
      }
      byte one = bytes[next];
      if (one == '"') {
        at = next + 1;
        return new String(
            out, 0, length, ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
      }
      if (one == '\\') {
        int point = JsonChars.escaped(bytes, next, end);
        next += JsonChars.escapeBytes(bytes, next);
        if (point < 0x80) {
          out[length++] = (byte) point;
        } else {
          ascii = false;
          length = JsonChars.encode(point, out, length);
        }
      } else {
        ascii = false;
        int past = next + JsonChars.bytes(bytes, next, end);
        while (next < past) {
          out[length++] = bytes[next++];
        }
      }
      from = next;
      next = ByteSearch.unplain(bytes, from, end);
    }
  }

  private byte[] scratch() {
    byte[] known = scratch.get();
    if (known == null || known.length < end - begin) {
      known = new byte[Math.max(end - begin, LEAST_SCRATCH_BYTES)];
      scratch = new WeakReference<>(known);
    }
    return known;
  }

  /** Passes over a value, whatever it is. */
  public void skip() throws Unsure {
    skip(0);
  }

  private void skip(int depth) throws Unsure {
    switch (peek()) {
      case '"' -> skipText();
      case '{' -> {
        limit(depth);
        for (boolean more = enter('{', '}'); more; more = more('}')) {
          plainName();
          take(':');
          skip(depth + 1);
        }
      }
      case '[' -> {
        limit(depth);
        for (boolean more = enter('[', ']'); more; more = more(']')) {
          skip(depth + 1);
        }
      }
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> skipNumber();
    }
  }

  /** Objects and arrays are walked by recursion: below that many of them it is unsure. */
  public static void limit(int depth) throws Unsure {
    if (depth >= LIMIT_DEPTH) {
      throw new Unsure();
    }
  }

  private void skipText() throws Unsure {
    int next = ByteSearch.unplain(bytes, opening(), end);
    while (next < end && bytes[next] != '"') {
      if (bytes[next] == '\\') {
        JsonChars.escaped(bytes, next, end);
        next += JsonChars.escapeBytes(bytes, next);
      } else {
        next += JsonChars.bytes(bytes, next, end);
      }
      next = ByteSearch.unplain(bytes, next, end);
    }
    if (next >= end) {
      throw new Unsure();
    }
    at = next + 1;
  }

  /** Passes over {@code true}, {@code false} or {@code null}. */
  public void word(String word) throws Unsure {
    int from = at;
    if (end - from < word.length()) {
      throw new Unsure();
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[from + i] != word.charAt(i)) {
        throw new Unsure();
      }
    }
    at = from + word.length();
    delimited();
  }

  /** An integer; fractions and long numbers have rules of their own, and are rare. */
  public long integer() throws Unsure {
    peek();
    int from = at;
    if (!skipNumber()) {
      throw new Unsure();
    }
    boolean negative = bytes[from] == '-';
    long value = 0;
    for (int i = negative ? from + 1 : from; i < at; i++) {
      value = value * 10 + bytes[i] - '0';
    }
    return negative ? -value : value;
  }

  /** Passes over a number; whether it is an integer of at most 18 digits. */
  private boolean skipNumber() throws Unsure {
    int from = at;
    if (bytes[from] == '-') {
      at++;
    }
    boolean zero = at < end && bytes[at] == '0';
    int digits = digits();
    if (zero && digits > 1) {
      throw new Unsure();
    }
    boolean small = digits <= 18;
    if (at < end && bytes[at] == '.') {
      at++;
      digits();
      small = false;
    }
    if (at < end && (bytes[at] == 'e' || bytes[at] == 'E')) {
      at++;
      if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
        at++;
      }
      digits();
      small = false;
    }
    if (at - from > LIMIT_NUMBER_CHARS) {
      throw new Unsure();
    }
    delimited();
    return small;
  }

  private int digits() throws Unsure {
    int from = at;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    if (at == from) {
      throw new Unsure();
    }
    return at - from;
  }

  private void delimited() throws Unsure {
    if (at >= end) {
      throw new Unsure();
    }
    byte next = bytes[at];
    if (next != ',' && next != '}' && next != ']' && next > ' ') {
      throw new Unsure();
    }
  }
}
