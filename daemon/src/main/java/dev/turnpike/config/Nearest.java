package dev.turnpike.config;

import java.util.Locale;
import java.util.Optional;

/** Finds the name somebody meant. */
final class Nearest {
  private static final int LIMIT_CHARS = 80;

  private Nearest() {}

  /** The known name with the fewest edits, if a third of the letters is right. */
  static Optional<String> to(String wrong) {
    if (wrong.length() > LIMIT_CHARS) {
      return Optional.empty();
    }
    String text = wrong.toUpperCase(Locale.ROOT).replace('-', '_');
    int best = Math.max(2, text.length() / 3) + 1;
    Optional<String> found = Optional.empty();
    for (Setting setting : Setting.values()) {
      int edits = edits(text, setting.name());
      if (edits < best) {
        best = edits;
        found = Optional.of(setting.name());
      }
    }
    return found;
  }

  /** Levenshtein's distance. */
  static int edits(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length()];
  }
}
