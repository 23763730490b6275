package dev.turnpike.privacy;

import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What follows {@code Authorization: Bearer}, {@code "authorization": "Basic ..."}, and a bare
 * {@code Bearer} before something that looks drawn. The header's name and scheme stay.
 */
record AuthorizationShape() implements Shape {
  private static final String KIND = "authorization";
  private static final List<String> HEADERS = List.of("uthorization", "UTHORIZATION");
  private static final List<String> BARE = List.of("Bearer ", "bearer ");
  private static final List<String> SCHEMES = List.of("bearer", "basic", "token", "apikey");
  private static final Chars VALUE = Chars.of("0-9A-Za-z._~+/=-");
  private static final Chars GAP = Chars.of(" \t\"'`\\:=,");
  private static final int MOST_GAP_CHARS = 12;
  private static final int LEAST_CHARS = 12;
  private static final int LEAST_BARE_CHARS = 20;
  private static final int MOST_BASIC_CHARS = 1_024;
  private static final int MOST_LOOKED_CHARS = 2_048;

  @Override
  public List<String> anchors() {
    return Stream.concat(HEADERS.stream(), BARE.stream()).toList();
  }

  @Override
  public void find(String text, List<Match> found) {
    for (String header : HEADERS) {
      int next;
      for (int at = text.indexOf(header); at >= 0; at = text.indexOf(header, next)) {
        int before = found.size();
        headerAt(text, at + header.length(), found);
        next = found.size() > before ? found.getLast().end() : at + header.length();
      }
    }
    for (String bare : BARE) {
      int next;
      for (int at = text.indexOf(bare); at >= 0; at = text.indexOf(bare, next)) {
        next = at + bare.length();
        if (Shape.begins(text, at, Chars.WORD)) {
          value(text, next, "bearer", LEAST_BARE_CHARS, found);
        }
      }
    }
  }

  private static void headerAt(String text, int from, List<Match> found) {
    int at = gap(text, from);
    if (at == from) {
      return;
    }
    int word = Chars.ALNUM.endOfRun(text, at);
    // the value itself may be long: only a short word can be a scheme
    String scheme = word - at <= 6 ? text.substring(at, word).toLowerCase(Locale.ROOT) : "";
    if (SCHEMES.contains(scheme)) {
      value(text, gap(text, word), scheme, LEAST_CHARS, found);
    } else {
      value(text, at, "", LEAST_BARE_CHARS, found);
    }
  }

  private static int gap(String text, int from) {
    int limit = Math.min(text.length(), from + MOST_GAP_CHARS);
    int at = from;
    while (at < limit && GAP.has(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static void value(String text, int from, String scheme, int least, List<Match> found) {
    // a longer run is looked at only this far: many headers in one run must not cost a walk to its
    // end each
    int looked = Math.min(text.length(), from + MOST_LOOKED_CHARS);
    int end = from;
    while (end < looked && VALUE.has(text.charAt(end))) {
      end++;
    }
    boolean secret =
        scheme.equals("basic")
            ? isPair(text, from, end)
            : end - from >= least && Randomness.mixed(text, from, end);
    if (secret) {
      found.add(new Match(from, VALUE.endOfRun(text, end), KIND));
    }
  }

  /** Basic: base64 of {@code user:password}. */
  private static boolean isPair(String text, int from, int end) {
    if (end - from < 4 || end - from > MOST_BASIC_CHARS) {
      return end - from > MOST_BASIC_CHARS;
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(text.substring(from, end));
      for (byte b : decoded) {
        if (b == ':') {
          return true;
        }
      }
      return false;
    } catch (IllegalArgumentException notBase64) {
      return end - from >= LEAST_BARE_CHARS && Randomness.mixed(text, from, end);
    }
  }
}
