package dev.turnpike.agent;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of the members that are read of some object, found by their bytes: most of an object's
 * members are not read, and for them no string is made.
 */
public final class Names {
  private static final int SLOTS_FOR_EACH = 4;

  private final String[] words;
  private final byte[][] bytes;

  /** A power of two less one. */
  private final int mask;

  /** Of ASCII characters that JSON does not escape. */
  public static Names of(String... names) {
    return new Names(Set.of(names));
  }

  public Names(Set<String> names) {
    int slots = Integer.highestOneBit(names.size() * SLOTS_FOR_EACH) * 2;
    words = new String[slots];
    bytes = new byte[slots][];
    mask = slots - 1;
    for (String name : names) {
      byte[] own = name.getBytes(StandardCharsets.US_ASCII);
      int slot = slot(own, 0, own.length);
      while (bytes[slot] != null) {
        slot = (slot + 1) & mask;
      }
      words[slot] = name;
      bytes[slot] = own;
    }
  }

  /** The name these bytes are; null if it is none of them. */
  @Nullable String find(byte[] row, int from, int to) {
    int slot = slot(row, from, to);
    while (true) {
      byte[] own = bytes[slot];
      if (own == null) {
        return null;
      }
      if (same(own, row, from, to)) {
        return words[slot];
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Of its length and three of its characters: names differ in them, mostly. */
  private int slot(byte[] row, int from, int to) {
    int length = to - from;
    if (length == 0) {
      return 0;
    }
    int hash = length + row[from] * 7 + row[to - 1] * 31 + row[from + length / 2] * 131;
    return (hash ^ (hash >>> 7)) & mask;
  }

  private static boolean same(byte[] own, byte[] row, int from, int to) {
    if (own.length != to - from) {
      return false;
    }
    for (int i = 0; i < own.length; i++) {
      if (own[i] != row[from + i]) {
        return false;
      }
    }
    return true;
  }
}
