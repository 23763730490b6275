package dev.turnpike.model;

import java.util.regex.Pattern;

/** The id a hook client gave its event; the same event delivered twice has the same id. */
public record EventId(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,80}");

  public EventId {
    if (!isWellFormed(value)) {
      throw new IllegalArgumentException("not an event id");
    }
  }

  public static boolean isWellFormed(String text) {
    return FORM.matcher(text).matches();
  }

  @Override
  public String toString() {
    return value;
  }
}
