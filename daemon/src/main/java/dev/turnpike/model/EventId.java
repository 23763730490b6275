package dev.turnpike.model;

/** The id a hook client gave its event; the same event delivered twice has the same id. */
public record EventId(String value) {
  private static final int CHARS_MAX = 80;

  public EventId {
    if (!isWellFormed(value)) {
      throw new IllegalArgumentException("not an event id");
    }
  }

  public static boolean isWellFormed(String text) {
    boolean good = !text.isEmpty() && text.length() <= CHARS_MAX;
    for (int i = 0; good && i < text.length(); i++) {
      good = allowed(text.charAt(i));
    }
    return good;
  }

  private static boolean allowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  @Override
  public String toString() {
    return value;
  }
}
