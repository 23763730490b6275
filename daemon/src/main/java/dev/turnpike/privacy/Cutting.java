package dev.turnpike.privacy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Cuts what is too long, at its end, and says so where it was cut. */
final class Cutting {
  /** More than the marker takes, in characters and in bytes. */
  private static final int MARKER_CHARS = 72;

  private static final int LEAST_STRING_CHARS = 32;

  private Cutting() {}

  /** {@code text}, or its beginning with the marker behind it. */
  static String text(String text, int limitChars, long limitBytes) {
    boolean surelyFits = Sizing.MOST_BYTES_PER_CHAR * text.length() <= limitBytes;
    if (text.length() <= limitChars && (surelyFits || Sizing.encodedBytes(text) <= limitBytes)) {
      return text;
    }
    int end = Sizing.wholeCodePoints(text, Math.min(limitChars, text.length()));
    end = Math.min(end, Sizing.charsWithin(text, Math.max(0, limitBytes - MARKER_CHARS)));
    return text.substring(0, end) + marker(end, text.length());
  }

  static String marker(int kept, int of) {
    return "…[turnpike: cut, %d of %d characters]".formatted(kept, of);
  }

  /**
   * JSON that fits: the longest strings inside are cut, as few as will do. Empty if that is not
   * enough (a thousand short ones), or it is no JSON.
   */
  static Optional<String> json(String json, int limitChars, long limitBytes) {
    if (fits(json, limitChars, limitBytes)) {
      return Optional.of(json);
    }
    var lengths = new ArrayList<Integer>();
    Optional<String> read =
        JsonText.rewrite(
            json,
            (field, text) -> {
              lengths.add(Sizing.escapedChars(text));
              return text;
            });
    if (read.isEmpty()) {
      return Optional.empty();
    }
    // other scripts take more than a byte a character: a limit of bytes is met with fewer
    // characters
    double bytesPerChar = Sizing.utf8Bytes(json) / (double) json.length();
    int goal = (int) Math.min(limitChars, limitBytes / bytesPerChar);
    int longest = longest(lengths, json.length(), goal);
    for (; longest >= LEAST_STRING_CHARS; longest /= 2) {
      int limit = longest;
      Optional<String> cut = JsonText.rewrite(json, (field, text) -> inJson(text, limit));
      if (cut.isPresent() && fits(cut.get(), limitChars, limitBytes)) {
        return cut;
      }
    }
    return Optional.empty();
  }

  private static String inJson(String text, int limitEscapedChars) {
    if (Sizing.escapedChars(text) <= limitEscapedChars) {
      return text;
    }
    int end = Sizing.charsWithinEscaped(text, limitEscapedChars);
    return text.substring(0, end) + marker(end, text.length());
  }

  /**
   * The longest string that may stay so that all together are about {@code goal} characters long.
   */
  private static int longest(List<Integer> lengths, int total, int goal) {
    Collections.sort(lengths);
    int low = 0;
    int high = lengths.isEmpty() ? 0 : lengths.getLast();
    while (low < high) {
      int middle = low + (high - low + 1) / 2;
      long left = total;
      for (int i = lengths.size() - 1; i >= 0 && lengths.get(i) > middle; i--) {
        left -= Math.max(0, lengths.get(i) - middle - MARKER_CHARS);
      }
      if (left <= goal) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private static boolean fits(String json, int limitChars, long limitBytes) {
    boolean surelyFits = Sizing.MOST_UTF8_BYTES_PER_CHAR * json.length() <= limitBytes;
    return json.length() <= limitChars && (surelyFits || Sizing.utf8Bytes(json) <= limitBytes);
  }
}
