package dev.turnpike.privacy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * {@code DB_PASSWORD=...}, {@code "api_key": "..."}, {@code clientSecret: '...'}: a name that ends
 * in a word for secrets, and a value that looks drawn. Values that look written ({@code password =
 * "changeme"}) stay: a rule that masks ordinary code would be switched off.
 */
record AssignmentShape() implements Shape {
  private static final String KIND = "secret";
  private static final String AWS_KIND = "aws_secret";
  private static final int MOST_NAME_CHARS = 48;
  private static final int MOST_BLANKS = 3;
  private static final int AWS_SECRET_CHARS = 40;
  private static final int LEAST_DIGITS_UNQUOTED = 3;
  private static final int LEAST_DIGITS_QUOTED = 1;
  private static final List<String> KEYS =
      List.of(
          "apikey",
          "accesskey",
          "secretkey",
          "privatekey",
          "accountkey",
          "signingkey",
          "encryptionkey",
          "masterkey");

  private static final String LAST_LETTERS = "detynDETYN";
  private static final String QUOTES = "\"'`";
  private static final String BLANKS = " \t";

  /** Last letters of the words: most names are sorted out by one look. */
  private static final Chars LAST = Chars.of(LAST_LETTERS);

  /** Another K, whose lower case is the letter k. */
  private static final char KELVIN = '\u212A';

  private static final Chars NAME = Chars.of("0-9A-Za-z_.-");
  private static final Chars QUOTE = Chars.of(QUOTES);
  private static final Chars PLAIN_VALUE = Chars.of("0-9A-Za-z+/_.~!@#$%^*-");
  private static final Chars QUOTED_VALUE = PLAIN_VALUE.with(Chars.of("&=:;,?|()"));
  private static final Chars AFTER_PLAIN = Chars.of(" \t\r\n,;&\"'`\\<)}]|");

  /** The separator, and what may stand before it where the name is one of a secret. */
  @Override
  public List<String> anchors() {
    return (LAST_LETTERS + QUOTES + BLANKS)
        .chars()
        .mapToObj(Character::toString)
        .flatMap(before -> Stream.of(before + "=", before + ":"))
        .toList();
  }

  @Override
  public boolean likely(String text, int at) {
    int separator = at + 1;
    int end = endOfName(text, separator);
    // where the name begins costs more to find out than that it ends in none of the words
    if (end == 0 || !endsInWord(text, Math.max(0, end - MOST_NAME_CHARS), end)) {
      return false;
    }
    var found = new ArrayList<Match>();
    nameBefore(text, separator, found);
    return !found.isEmpty();
  }

  @Override
  public void find(String text, List<Match> found) {
    for (int at = 1; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '=' || c == ':') {
        nameBefore(text, at, found);
      }
    }
  }

  /** Whether a field of this name is expected to hold a secret. */
  static boolean namesSecret(String name) {
    int length = name.length();
    return length > 0 && endsInWord(name, Math.max(0, length - MOST_NAME_CHARS), length);
  }

  /** The kind of secret a field of this name and value is; empty: none. */
  static String kindOf(String name, String value) {
    if (!namesSecret(name)) {
      return "";
    }
    if (isAws(name, value.length()) && Chars.BASE64.endOfRun(value, 0) == value.length()) {
      return AWS_KIND;
    }
    return QUOTED_VALUE.endOfRun(value, 0) == value.length()
            && Randomness.looksDrawn(value, 0, value.length(), LEAST_DIGITS_QUOTED)
        ? KIND
        : "";
  }

  private static void nameBefore(String text, int separator, List<Match> found) {
    int end = endOfName(text, separator);
    if (end == 0) {
      return;
    }
    int start = startOfName(text, end);
    if (endsInWord(text, start, end)) {
      valueAfter(text, separator, text.substring(start, end), found);
    }
  }

  /** Where the name before the separator ends; 0: there is none that could be one of a secret. */
  private static int endOfName(String text, int separator) {
    int end = separator;
    for (int blanks = 0;
        blanks < MOST_BLANKS && end > 0 && isBlank(text.charAt(end - 1));
        blanks++) {
      end--;
    }
    if (end > 0 && QUOTE.has(text.charAt(end - 1))) {
      end--;
      end -= end > 0 && text.charAt(end - 1) == '\\' ? 1 : 0;
    }
    return end > 0 && LAST.has(text.charAt(end - 1)) ? end : 0;
  }

  private static int startOfName(String text, int end) {
    int start = end;
    while (start > 0 && end - start < MOST_NAME_CHARS && NAME.has(text.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  /**
   * Whether what is left of the name without {@code _}, {@code -} and {@code .}, in lower case,
   * ends in one of the words. Read from its end, where most names are sorted out by one look.
   */
  static boolean endsInWord(String text, int start, int end) {
    return switch (lower(text.charAt(end - 1))) {
      case 'd' -> endsIn("password", text, start, end) || endsIn("passwd", text, start, end);
      case 'e' -> endsIn("passphrase", text, start, end);
      case 'n' -> endsIn("token", text, start, end);
      case 't' -> endsIn("secret", text, start, end);
      case 'y' -> endsIn("key", text, start, end) && endsInKey(text, start, end);
      default -> false;
    };
  }

  private static boolean endsInKey(String text, int start, int end) {
    for (String word : KEYS) {
      if (endsIn(word, text, start, end)) {
        return true;
      }
    }
    return false;
  }

  private static boolean endsIn(String word, String text, int start, int end) {
    int at = end - 1;
    for (int i = word.length() - 1; i >= 0; i--, at--) {
      while (at >= start && isJoint(text.charAt(at))) {
        at--;
      }
      if (at < start || lower(text.charAt(at)) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isJoint(char c) {
    return c == '_' || c == '-' || c == '.';
  }

  /** As {@code toLowerCase(Locale.ROOT)} does, as far as it leads to an ASCII letter. */
  private static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c == KELVIN ? 'k' : c;
  }

  private static void valueAfter(String text, int separator, String name, List<Match> found) {
    int at = separator + 1;
    if (at < text.length()) {
      char next = text.charAt(at);
      char first = text.charAt(separator);
      at += (first == '=' && next == '>') || (first == ':' && next == '=') ? 1 : 0;
    }
    for (int blanks = 0;
        blanks < MOST_BLANKS && at < text.length() && isBlank(text.charAt(at));
        blanks++) {
      at++;
    }
    int quote = at < text.length() && text.charAt(at) == '\\' ? at + 1 : at;
    if (quote < text.length() && QUOTE.has(text.charAt(quote))) {
      quoted(text, quote, name, found);
    } else {
      plain(text, at, name, found);
    }
  }

  private static void quoted(String text, int quote, String name, List<Match> found) {
    int from = quote + 1;
    int end = QUOTED_VALUE.endOfRun(text, from);
    int close = end < text.length() && text.charAt(end) == '\\' ? end + 1 : end;
    boolean closed = close < text.length() && text.charAt(close) == text.charAt(quote);
    if (closed) {
      take(text, from, end, name, LEAST_DIGITS_QUOTED, found);
    }
  }

  private static void plain(String text, int from, String name, List<Match> found) {
    int end = PLAIN_VALUE.endOfRun(text, from);
    // padding of base64; an equals sign elsewhere begins another assignment
    for (int padding = 0;
        padding < 2 && end > from && end < text.length() && text.charAt(end) == '=';
        padding++) {
      end++;
    }
    if (end == text.length() || AFTER_PLAIN.has(text.charAt(end))) {
      take(text, from, end, name, LEAST_DIGITS_UNQUOTED, found);
    }
  }

  private static void take(
      String text, int from, int end, String name, int leastDigits, List<Match> found) {
    if (isAws(name, end - from) && Chars.BASE64.endOfRun(text, from) >= end) {
      found.add(new Match(from, end, AWS_KIND));
    } else if (Randomness.looksDrawn(text, from, end, leastDigits)) {
      found.add(new Match(from, end, KIND));
    }
  }

  private static boolean isAws(String name, int valueLength) {
    return valueLength == AWS_SECRET_CHARS && name.toLowerCase(Locale.ROOT).contains("secret");
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
