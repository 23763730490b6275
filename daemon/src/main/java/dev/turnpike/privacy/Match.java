package dev.turnpike.privacy;

/** A secret found in a text: characters {@code start} to {@code end}, exclusive. */
record Match(int start, int end, String kind) {
  Match {
    if (start < 0 || end <= start) {
      throw new IllegalArgumentException("no match: %d to %d".formatted(start, end));
    }
  }
}
