package dev.turnpike.model;

import java.util.regex.Pattern;

/** The name of one queued body, also its file name in the outbox. */
public record BatchId(String value) implements Comparable<BatchId> {
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,79}");

  public BatchId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a batch id: " + value);
    }
  }

  @Override
  public int compareTo(BatchId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
