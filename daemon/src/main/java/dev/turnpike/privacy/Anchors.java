package dev.turnpike.privacy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which shapes are worth a look at a text, in one walk for all of them: nearly every text holds no
 * secret, and each shape's own walk costs several times this one. Says yes too often at worst, so
 * that nothing is found differently: {@code AnchorsTest} holds it against the shapes.
 *
 * <p>The walk takes every second character with the one behind it, four such pairs at a time. An
 * anchor is known by two pairs of its own that are rare in what tools print and overlap: one of
 * them begins where the walk looks. Only there is it compared. The same walk sees halves of
 * surrogate pairs.
 */
final class Anchors {
  /** The most frequent in code and what tools print first; what is none of these is rare. */
  private static final String COMMON = " etaoinsrldcumpfhg-./_\":=ybvkwxj";

  /** Beside the shapes' bits: there is half a surrogate pair in the text. */
  static final int ILL_FORMED = 1 << 31;

  private static final int MOST_SHAPES = 31;
  private static final int CODES = 256;

  /** As many as a byte can tell apart. */
  private static final int MOST_KINDS = 256;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int PAIR_BITS = 0xffff;

  /** An anchor of the shape {@code bit} stands for, {@code offset} characters before the pair. */
  private record Anchor(String literal, int offset, int bit, Shape shape) {
    boolean standsIn(String text, int at) {
      int from = at - offset;
      return from >= 0 && text.startsWith(literal, from) && shape.likely(text, from);
    }
  }

  /**
   * What is to be done where a pair stands. Told apart by identity: those of most pairs are one of
   * four, and for records to be compared costs a daemon's first turn some 50 ms.
   *
   * @param anchors known by this pair
   * @param back the pair that begins one character before may be all of an anchor
   * @param mark one of the two may stand for another character
   */
  private record Kind(List<Anchor> anchors, boolean back, boolean mark) {
    static final Kind NOTHING = new Kind(List.of(), false, false);
    private static final Kind BACK = new Kind(List.of(), true, false);
    private static final Kind MARK = new Kind(List.of(), false, true);
    private static final Kind BOTH = new Kind(List.of(), true, true);

    static Kind of(List<Anchor> anchors, boolean back, boolean mark) {
      if (!anchors.isEmpty()) {
        return new Kind(List.copyOf(anchors), back, mark);
      }
      return back ? (mark ? BOTH : BACK) : (mark ? MARK : NOTHING);
    }

    Kind with(Anchor anchor) {
      var more = new ArrayList<Anchor>(anchors);
      more.add(anchor);
      return of(more, back, mark);
    }

    Kind withBack() {
      return of(anchors, true, mark);
    }

    Kind withMark() {
      return of(anchors, back, true);
    }
  }

  /** Of each pair, the first character low: a number of {@link #kinds}, 0 for most. */
  private final byte[] kindOf = new byte[CODES * CODES];

  private final Kind[] kinds;
  private final int always;

  /**
   * @param shapes 31 at most, whose anchors are of two characters or more
   */
  Anchors(List<Shape> shapes) {
    if (shapes.size() > MOST_SHAPES) {
      throw new IllegalArgumentException(shapes.size() + " shapes, there are bits for 31");
    }
    var byPair = new HashMap<Integer, Kind>();
    int unknown = 0;
    for (int i = 0; i < shapes.size(); i++) {
      Shape shape = shapes.get(i);
      int bit = 1 << i;
      for (String literal : shape.anchors()) {
        add(literal, bit, shape, byPair);
      }
      unknown |= shape.anchors().isEmpty() ? bit : 0;
    }
    for (int c = 0; c < CODES; c++) {
      for (int pair : new int[] {pair('?', c), pair(c, '?')}) {
        byPair.put(pair, byPair.getOrDefault(pair, Kind.NOTHING).withMark());
      }
    }
    always = unknown;
    var numbers = new IdentityHashMap<Kind, Integer>();
    var distinct = new ArrayList<Kind>();
    numbers.put(Kind.NOTHING, 0);
    distinct.add(Kind.NOTHING);
    for (var entry : byPair.entrySet()) {
      if (numbers.putIfAbsent(entry.getValue(), distinct.size()) == null) {
        distinct.add(entry.getValue());
      }
      kindOf[entry.getKey()] = (byte) (int) numbers.get(entry.getValue());
    }
    if (distinct.size() > MOST_KINDS) {
      throw new IllegalArgumentException("anchors of " + distinct.size() + " kinds");
    }
    kinds = distinct.toArray(Kind[]::new);
  }

  private static void add(String literal, int bit, Shape shape, Map<Integer, Kind> byPair) {
    if (literal.indexOf('?') >= 0) {
      throw new IllegalArgumentException(literal + " holds what stands for other scripts");
    }
    if (literal.length() == 2) {
      put(new Anchor(literal, 0, bit, shape), byPair);
      int second = literal.charAt(1);
      boolean known = byPair.getOrDefault(pair(second, 0), Kind.NOTHING).back();
      for (int c = 0; !known && c < CODES; c++) {
        byPair.put(pair(second, c), byPair.getOrDefault(pair(second, c), Kind.NOTHING).withBack());
      }
      return;
    }
    int rarest = rarest(literal);
    put(new Anchor(literal, rarest, bit, shape), byPair);
    put(new Anchor(literal, rarest + 1, bit, shape), byPair);
  }

  private static void put(Anchor anchor, Map<Integer, Kind> byPair) {
    int pair =
        pair(
            anchor.literal().charAt(anchor.offset()), anchor.literal().charAt(anchor.offset() + 1));
    byPair.put(pair, byPair.getOrDefault(pair, Kind.NOTHING).with(anchor));
  }

  /** Where the first of two pairs begins that are to be expected least. */
  private static int rarest(String literal) {
    int rarest = 0;
    for (int at = 0; at + 2 < literal.length(); at++) {
      rarest = frequency(literal, at) < frequency(literal, rarest) ? at : rarest;
    }
    return rarest;
  }

  private static int frequency(String literal, int at) {
    int middle = frequency(literal.charAt(at + 1));
    return middle * (frequency(literal.charAt(at)) + frequency(literal.charAt(at + 2)));
  }

  private static int frequency(char c) {
    int at = COMMON.indexOf(c);
    return at < 0 ? 1 : 1 + COMMON.length() - at;
  }

  private static int pair(int first, int second) {
    return first | second << 8;
  }

  /**
   * A bit for each shape that is to be asked, the first shape's the lowest, and {@link
   * #ILL_FORMED}.
   */
  int in(String text) {
    // most texts are kept as Latin-1 in memory, and a copy of that is all this call makes of them;
    // of others it has a question mark for each character beyond, one for both halves of a pair
    byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] kind = kindOf;
    int seen = always;
    int pairs = 0;
    int at = 0;
    while (at < latin.length) {
      int end = Math.min(at + Long.BYTES, latin.length);
      if (end - at == Long.BYTES) {
        long word = (long) WORDS.get(latin, at);
        int low = (int) word;
        int high = (int) (word >>> Integer.SIZE);
        int any =
            kind[low & PAIR_BITS]
                | kind[low >>> Short.SIZE]
                | kind[high & PAIR_BITS]
                | kind[high >>> Short.SIZE];
        if (any == 0) {
          at = end;
          continue;
        }
      }
      for (; at < end; at += 2) {
        int number = kind[pairAt(latin, at)] & 0xff;
        if (number == 0) {
          continue;
        }
        Kind here = kinds[number];
        if (here.back() && at > 0) {
          Kind before = kinds[kind[pairAt(latin, at - 1)] & 0xff];
          seen |= any(before.anchors(), text, at - 1 + pairs, seen);
        }
        seen |= any(here.anchors(), text, at + pairs, seen);
        if (here.mark()) {
          int marked = marked(text, latin, at, pairs);
          seen |= marked & ILL_FORMED;
          pairs += marked & ~ILL_FORMED;
        }
      }
    }
    return seen;
  }

  /** Behind the last character a NUL is assumed: no anchor holds one. */
  private static int pairAt(byte[] latin, int at) {
    int second = at + 1 < latin.length ? latin[at + 1] & 0xff : 0;
    return pair(latin[at] & 0xff, second);
  }

  /**
   * How many pairs of surrogates there are behind the two characters at {@code at}, and {@link
   * #ILL_FORMED} for half of one.
   */
  private static int marked(String text, byte[] latin, int at, int pairsBefore) {
    int pairs = 0;
    int halves = 0;
    for (int i = at; i < Math.min(at + 2, latin.length); i++) {
      int place = i + pairsBefore + pairs;
      if (latin[i] == '?' && Character.isSurrogate(text.charAt(place))) {
        boolean pair = Character.isSupplementaryCodePoint(text.codePointAt(place));
        pairs += pair ? 1 : 0;
        halves |= pair ? 0 : ILL_FORMED;
      }
    }
    return pairs | halves;
  }

  private static int any(List<Anchor> anchors, String text, int at, int seen) {
    int more = 0;
    for (int i = 0; i < anchors.size(); i++) {
      Anchor anchor = anchors.get(i);
      if (((seen | more) & anchor.bit()) == 0 && anchor.standsIn(text, at)) {
        more |= anchor.bit();
      }
    }
    return more;
  }
}
