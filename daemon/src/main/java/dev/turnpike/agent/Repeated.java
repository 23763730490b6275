package dev.turnpike.agent;

/** A string beside the bytes of its row it was made of, between the quotes. */
public final class Repeated {
  /** What has not come yet. */
  public static final Repeated NONE = new Repeated("", new byte[0]);

  private final String text;
  private final byte[] bytes;

  Repeated(String text, byte[] bytes) {
    this.text = text;
    this.bytes = bytes;
  }

  public String text() {
    return text;
  }

  /** Bytes between its quotes. */
  int length() {
    return bytes.length;
  }

  /** Whether it comes there again, {@code from} being behind the opening quote. */
  boolean standsAt(byte[] row, int from, int end) {
    int to = from + bytes.length;
    if (to >= end || row[to] != '"') {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != row[from + i]) {
        return false;
      }
    }
    return true;
  }
}
