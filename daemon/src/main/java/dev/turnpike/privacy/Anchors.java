package dev.turnpike.privacy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which shapes are worth a look at a text, in one walk for all of them: nearly every text holds no
 * secret, and each shape's own walk costs several times this one. Says yes too often at worst, so
 * that nothing is found differently: {@code AnchorsTest} holds it against the shapes.
 *
 * <p>Each anchor is known by one character that is rare in what tools print, and the one beside it;
 * only there is it compared. The same walk sees halves of surrogate pairs.
 */
final class Anchors {
  /** Rarest first: an anchor is known by the first of these that stands in it. */
  private static final String RARE = "ZJzB_-:=bA.";

  /** Beside the shapes' bits: there is half a surrogate pair in the text. */
  static final int ILL_FORMED = 1 << 31;

  private static final int MOST_SHAPES = 31;
  private static final int CODES = 256;
  private static final int ASCII = 128;

  /** Stands beside the first and the last character; no anchor has it. */
  private static final char NOTHING = 0;

  /**
   * An anchor of the shape {@code bit} stands for, {@code offset} characters before its rare one.
   */
  private record Anchor(String literal, int offset, int bit, Shape shape) {
    boolean standsIn(String text, int at) {
      int from = at - offset;
      return from >= 0 && text.startsWith(literal, from) && shape.likely(text, from);
    }
  }

  /** The anchors of one rare character: by the one before it, the one behind it, or by itself. */
  private static final class Around {
    private final Anchor[][] before;
    private final Anchor[][] behind;
    private final Anchor[] alone;

    /** With which neighbours there is any at all: of most no more is asked. */
    private final boolean[] anyBefore = new boolean[CODES];

    private final boolean[] anyBehind = new boolean[CODES];

    Around(List<Anchor> anchors) {
      before = byNeighbour(anchors.stream().filter(a -> a.offset() > 0).toList(), -1);
      behind =
          byNeighbour(
              anchors.stream().filter(a -> a.offset() == 0 && a.literal().length() > 1).toList(),
              1);
      alone = anchors.stream().filter(a -> a.literal().length() == 1).toArray(Anchor[]::new);
      for (int c = 0; c < CODES; c++) {
        anyBefore[c] = alone.length > 0 || (c < ASCII && before[c].length > 0);
        anyBehind[c] = c < ASCII && behind[c].length > 0;
      }
    }

    // arrays: they are asked at every tenth character of every text
    private static Anchor[][] byNeighbour(List<Anchor> anchors, int step) {
      var all = new Anchor[ASCII][];
      for (int c = 0; c < ASCII; c++) {
        char neighbour = (char) c;
        all[c] =
            anchors.stream()
                .filter(a -> a.literal().charAt(a.offset() + step) == neighbour)
                .toArray(Anchor[]::new);
      }
      return all;
    }
  }

  /** Where the walk stops: at what is rare, and at what may stand for another character. */
  private final boolean[] stops = new boolean[CODES];

  private final Around[] around = new Around[CODES];
  private final int always;

  /**
   * @param shapes 31 at most
   */
  Anchors(List<Shape> shapes) {
    if (shapes.size() > MOST_SHAPES) {
      throw new IllegalArgumentException(shapes.size() + " shapes, there are bits for 31");
    }
    var known = new ArrayList<Anchor>();
    int unknown = 0;
    for (int i = 0; i < shapes.size(); i++) {
      Shape shape = shapes.get(i);
      int bit = 1 << i;
      for (String literal : shape.anchors()) {
        known.add(new Anchor(literal, rarest(literal), bit, shape));
      }
      unknown |= shape.anchors().isEmpty() ? bit : 0;
    }
    always = unknown;
    var none = new Around(List.of());
    for (int c = 0; c < CODES; c++) {
      char code = (char) c;
      List<Anchor> here =
          known.stream().filter(a -> a.literal().charAt(a.offset()) == code).toList();
      around[c] = here.isEmpty() ? none : new Around(here);
      stops[c] = !here.isEmpty() || c == '?';
    }
  }

  private static int rarest(String literal) {
    if (literal.indexOf('?') >= 0) {
      throw new IllegalArgumentException(literal + " holds what stands for other scripts");
    }
    for (int i = 0; i < RARE.length(); i++) {
      int at = literal.indexOf(RARE.charAt(i));
      if (at >= 0) {
        return at;
      }
    }
    throw new IllegalArgumentException("no character of " + literal + " is rare");
  }

  /**
   * A bit for each shape that is to be asked, the first shape's the lowest, and {@link
   * #ILL_FORMED}.
   */
  int in(String text) {
    // most texts are kept as Latin-1 in memory, and a copy of that is all this call makes of them;
    // of others it has a question mark for each character beyond, one for both halves of a pair
    byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
    int seen = always;
    int pairs = 0;
    boolean[] stop = stops;
    for (int i = 0; i < latin.length; i++) {
      int c = latin[i] & 0xff;
      if (!stop[c]) {
        continue;
      }
      if (c == '?') {
        int at = i + pairs;
        if (Character.isSurrogate(text.charAt(at))) {
          boolean pair = Character.isSupplementaryCodePoint(text.codePointAt(at));
          pairs += pair ? 1 : 0;
          seen |= pair ? 0 : ILL_FORMED;
        }
        continue;
      }
      char before = i > 0 ? (char) (latin[i - 1] & 0xff) : NOTHING;
      char behind = i + 1 < latin.length ? (char) (latin[i + 1] & 0xff) : NOTHING;
      Around here = around[c];
      if (here.anyBefore[before] || here.anyBehind[behind]) {
        seen |= at(text, i + pairs, here, before, behind, seen);
      }
    }
    return seen;
  }

  private static int at(String text, int at, Around here, char before, char behind, int seen) {
    int more = any(here.alone, text, at, seen);
    if (before < ASCII) {
      more |= any(here.before[before], text, at, seen);
    }
    if (behind < ASCII) {
      more |= any(here.behind[behind], text, at, seen);
    }
    return more;
  }

  private static int any(Anchor[] anchors, String text, int at, int seen) {
    int more = 0;
    for (Anchor anchor : anchors) {
      if (((seen | more) & anchor.bit()) == 0 && anchor.standsIn(text, at)) {
        more |= anchor.bit();
      }
    }
    return more;
  }
}
