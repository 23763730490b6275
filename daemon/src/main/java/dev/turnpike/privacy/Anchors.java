package dev.turnpike.privacy;

import java.util.ArrayList;
import java.util.List;

/**
 * Which shapes are worth a look at a text, in one walk for all of them: nearly every text holds no
 * secret, and each shape's own walk costs several times this one. Says yes too often at worst, so
 * that nothing is found differently: {@code AnchorsTest} holds it against the shapes.
 *
 * <p>Each anchor is known by one character that is rare in what tools print, and the one beside it;
 * only there is it compared.
 */
final class Anchors {
  /** Rarest first: an anchor is known by the first of these that stands in it. */
  private static final String RARE = "ZJzB_-:=bA.";

  private static final int CHUNK_CHARS = 8_192;
  private static final int CODES = 256;

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
  private record Around(List<List<Anchor>> before, List<List<Anchor>> behind, List<Anchor> alone) {
    static Around of(List<Anchor> anchors) {
      return new Around(
          byNeighbour(anchors.stream().filter(a -> a.offset() > 0).toList(), -1),
          byNeighbour(
              anchors.stream().filter(a -> a.offset() == 0 && a.literal().length() > 1).toList(),
              1),
          anchors.stream().filter(a -> a.literal().length() == 1).toList());
    }

    private static List<List<Anchor>> byNeighbour(List<Anchor> anchors, int step) {
      if (anchors.isEmpty()) {
        return List.of();
      }
      var all = new ArrayList<List<Anchor>>();
      for (int c = 0; c < CODES / 2; c++) {
        char neighbour = (char) c;
        all.add(
            anchors.stream()
                .filter(a -> a.literal().charAt(a.offset() + step) == neighbour)
                .toList());
      }
      return List.copyOf(all);
    }
  }

  private static final Around NONE = Around.of(List.of());

  private final boolean[] rare = new boolean[CODES];
  private final List<Around> around;
  private final int always;
  private final int all;

  /**
   * @param shapes 32 at most
   */
  Anchors(List<Shape> shapes) {
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
    all = (int) ((1L << shapes.size()) - 1);
    var byCode = new ArrayList<Around>();
    for (int c = 0; c < CODES; c++) {
      char code = (char) c;
      List<Anchor> here =
          known.stream().filter(a -> a.literal().charAt(a.offset()) == code).toList();
      rare[c] = !here.isEmpty();
      byCode.add(here.isEmpty() ? NONE : Around.of(here));
    }
    around = List.copyOf(byCode);
  }

  private static int rarest(String literal) {
    for (int i = 0; i < RARE.length(); i++) {
      int at = literal.indexOf(RARE.charAt(i));
      if (at >= 0) {
        return at;
      }
    }
    throw new IllegalArgumentException("no character of " + literal + " is rare");
  }

  /** A bit for each shape that is to be asked, the first shape's the lowest. */
  int in(String text) {
    int seen = always;
    boolean[] stop = rare;
    for (int from = 0; from < text.length() && seen != all; from += CHUNK_CHARS) {
      byte[] codes = codes(text, from, Math.min(text.length(), from + CHUNK_CHARS));
      for (int i = 0; i < codes.length; i++) {
        if (stop[codes[i] & 0xff]) {
          seen |= at(text, from + i, seen);
        }
      }
    }
    return seen;
  }

  /**
   * The low bytes of the characters. Those of another script may look like an anchor's, which is
   * compared then; an anchor's own always do.
   */
  @SuppressWarnings("deprecation") // the one way to the bytes that costs no walk of its own
  private static byte[] codes(String text, int from, int end) {
    var codes = new byte[end - from];
    text.getBytes(from, end, codes, 0);
    return codes;
  }

  private int at(String text, int at, int seen) {
    Around here = around.get(text.charAt(at) & 0xff);
    int more = any(here.alone(), text, at, seen);
    if (at > 0) {
      more |= any(neighbours(here.before(), text.charAt(at - 1)), text, at, seen);
    }
    if (at + 1 < text.length()) {
      more |= any(neighbours(here.behind(), text.charAt(at + 1)), text, at, seen);
    }
    return more;
  }

  private static List<Anchor> neighbours(List<List<Anchor>> by, char neighbour) {
    return neighbour < by.size() ? by.get(neighbour) : List.of();
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
