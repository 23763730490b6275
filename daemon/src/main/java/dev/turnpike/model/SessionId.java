package dev.turnpike.model;

/**
 * The agent's own id of one conversation: 1 to 400 characters, no control characters. Never used as
 * a file name.
 */
public record SessionId(String value) {
  public static final int LIMIT_CHARS = 400;

  public SessionId {
    if (!isWellFormed(value)) {
      throw new IllegalArgumentException("not a session id: " + value.length() + " characters");
    }
  }

  public static boolean isWellFormed(String text) {
    return !text.isBlank()
        && text.length() <= LIMIT_CHARS
        && text.chars().noneMatch(Character::isISOControl);
  }

  @Override
  public String toString() {
    return value;
  }
}
