package dev.turnpike.agent;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What names stand for, found by their bytes: most of an object's members are not read, and for
 * them no string is made.
 */
public final class Names<T> {
  private static final int SLOTS_FOR_EACH = 4;

  private final List<T> values = new ArrayList<>();

  /** Open addressing; the places of {@link #values} that the slots stand for. */
  private final int[] places;

  private final byte[][] names;

  /** A power of two less one. */
  private final int mask;

  /** Each stands for itself. */
  public static Names<String> of(Set<String> names) {
    return new Names<>(names.stream().collect(Collectors.toMap(name -> name, name -> name)));
  }

  /**
   * @param of names of ASCII characters that JSON does not escape
   */
  public Names(Map<String, T> of) {
    int slots = Integer.highestOneBit(of.size() * SLOTS_FOR_EACH) * 2;
    places = new int[slots];
    names = new byte[slots][];
    mask = slots - 1;
    of.forEach(
        (name, value) -> {
          byte[] own = name.getBytes(StandardCharsets.US_ASCII);
          int slot = slot(own, 0, own.length);
          while (names[slot] != null) {
            slot = (slot + 1) & mask;
          }
          names[slot] = own;
          places[slot] = values.size();
          values.add(value);
        });
  }

  /** What the name these bytes are stands for; null if it is none of them. */
  @Nullable T find(byte[] row, int from, int to) {
    int slot = slot(row, from, to);
    while (true) {
      byte[] own = names[slot];
      if (own == null) {
        return null;
      }
      if (same(own, row, from, to)) {
        return values.get(places[slot]);
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
