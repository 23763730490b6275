package dev.turnpike.privacy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All tokens that are known by their prefix, looked for in one walk: dozens of searches, one for
 * each prefix, took several times as long.
 */
final class TokenShape implements Shape {
  private static final int ASCII = 128;

  private final List<List<Token>> byFirstChar;
  private final Chars firstChars;

  /** What may follow each first character: of ordinary text little is left to be compared. */
  private final List<Chars> secondChars;

  /**
   * @param tokens where two begin alike, the first one that fits names the secret
   */
  TokenShape(List<Token> tokens) {
    var sorted = new ArrayList<List<Token>>();
    for (int c = 0; c < ASCII; c++) {
      char first = (char) c;
      sorted.add(tokens.stream().filter(token -> token.prefix().charAt(0) == first).toList());
    }
    byFirstChar = List.copyOf(sorted);
    Chars starts = Chars.of("");
    for (Token token : tokens) {
      starts = starts.with(Chars.of(token.prefix().substring(0, 1)));
    }
    firstChars = starts;
    secondChars = byFirstChar.stream().map(TokenShape::seconds).toList();
  }

  private static Chars seconds(List<Token> tokens) {
    Chars seconds = Chars.of("");
    for (Token token : tokens) {
      seconds = seconds.with(Chars.of(token.prefix().substring(1, 2)));
    }
    return seconds;
  }

  @Override
  public List<String> anchors() {
    return byFirstChar.stream().flatMap(List::stream).map(Token::prefix).distinct().toList();
  }

  /** {@code task-} and {@code npm_config_} hold prefixes too. */
  @Override
  public boolean likely(String text, int at) {
    return mayBegin(text, at) && tokenAt(text, at).isPresent();
  }

  @Override
  public void find(String text, List<Match> found) {
    int last = text.length() - 1;
    for (int at = 0; at < last; at++) {
      char c = text.charAt(at);
      if (firstChars.has(c) && secondChars.get(c).has(text.charAt(at + 1)) && mayBegin(text, at)) {
        int end = endOfToken(text, at, found);
        // the last character of a token is looked at again: it may be a dash, after which a word
        // begins
        at = end < 0 ? at : end - 1;
      }
    }
  }

  private int endOfToken(String text, int at, List<Match> found) {
    Optional<Match> token = tokenAt(text, at);
    token.ifPresent(found::add);
    return token.map(Match::end).orElse(-1);
  }

  private Optional<Match> tokenAt(String text, int at) {
    for (Token token : byFirstChar.get(text.charAt(at))) {
      int end = token.endOf(text, at);
      if (end >= 0) {
        return Optional.of(new Match(at, end, token.kind()));
      }
    }
    return Optional.empty();
  }

  /** A quick look that sorts out the middle of words; {@link Shape#begins} looks closer. */
  private static boolean mayBegin(String text, int at) {
    return at == 0
        || !Chars.ALNUM.has(text.charAt(at - 1))
        || (at >= 2 && text.charAt(at - 2) == '\\')
        || (at >= 3 && text.charAt(at - 3) == '%');
  }
}
