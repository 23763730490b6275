package dev.turnpike.agent;

import dev.turnpike.agent.JsonBytes.Unsure;
import dev.turnpike.platform.ByteSearch;
import java.util.Arrays;

/**
 * Recognises JSON that is written as Jackson would write it: without white space, with no escape
 * that need not be, no name twice in an object, no number but short integers. Such a value need not
 * be read to be written again.
 */
final class CompactJson {
  private static final int LIMIT_NAMES = 16;
  private static final int LIMIT_DIGITS = 18;
  private static final String ESCAPES = "\"\\bfnrt";

  private final byte[] bytes;
  private final int end;

  CompactJson(byte[] bytes, int end) {
    this.bytes = bytes;
    this.end = end;
  }

  /** Where the value that begins there ends. Unsure if it is written in another way. */
  int value(int from, int depth) throws Unsure {
    JsonBytes.limit(depth);
    return switch (at(from)) {
      case '"' -> text(from);
      case '{' -> object(from, depth);
      case '[' -> array(from, depth);
      case 't' -> word(from, "true");
      case 'f' -> word(from, "false");
      case 'n' -> word(from, "null");
      default -> integer(from);
    };
  }

  private int at(int index) throws Unsure {
    if (index >= end) {
      throw new Unsure();
    }
    return bytes[index];
  }

  private int text(int quote) throws Unsure {
    int next = ByteSearch.unplain(bytes, quote + 1, end);
    while (at(next) != '"') {
      if (bytes[next] != '\\') {
        next += JsonChars.bytes(bytes, next, end);
      } else if (ESCAPES.indexOf(at(next + 1)) >= 0) {
        next += 2;
      } else {
        throw new Unsure();
      }
      next = ByteSearch.unplain(bytes, next, end);
    }
    return next + 1;
  }

  private int object(int open, int depth) throws Unsure {
    int next = open + 1;
    if (at(next) == '}') {
      return next + 1;
    }
    int[] names = new int[2 * LIMIT_NAMES];
    for (int count = 0; count < LIMIT_NAMES; count++) {
      expect(next, '"');
      int past = text(next);
      distinct(names, count, next, past);
      expect(past, ':');
      next = value(past + 1, depth + 1);
      if (at(next) == '}') {
        return next + 1;
      }
      expect(next, ',');
      next++;
    }
    throw new Unsure();
  }

  /** Written in the one way there is, two names are equal if their bytes are. */
  private void distinct(int[] names, int count, int from, int to) throws Unsure {
    for (int i = 0; i < count; i++) {
      if (Arrays.equals(bytes, names[2 * i], names[2 * i + 1], bytes, from, to)) {
        throw new Unsure();
      }
    }
    names[2 * count] = from;
    names[2 * count + 1] = to;
  }

  private int array(int open, int depth) throws Unsure {
    int next = open + 1;
    if (at(next) == ']') {
      return next + 1;
    }
    while (true) {
      next = value(next, depth + 1);
      if (at(next) == ']') {
        return next + 1;
      }
      expect(next, ',');
      next++;
    }
  }

  private void expect(int index, int expected) throws Unsure {
    if (at(index) != expected) {
      throw new Unsure();
    }
  }

  private int word(int from, String word) throws Unsure {
    for (int i = 0; i < word.length(); i++) {
      expect(from + i, word.charAt(i));
    }
    return from + word.length();
  }

  private int integer(int from) throws Unsure {
    int first = at(from) == '-' ? from + 1 : from;
    int next = first;
    while (next < end && bytes[next] >= '0' && bytes[next] <= '9') {
      next++;
    }
    int digits = next - first;
    boolean leadingZero = digits > 0 && bytes[first] == '0' && (digits > 1 || first > from);
    if (digits == 0 || digits > LIMIT_DIGITS || leadingZero) {
      throw new Unsure();
    }
    return next;
  }
}
