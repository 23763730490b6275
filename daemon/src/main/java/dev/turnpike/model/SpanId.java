package dev.turnpike.model;

/** 16 lower-case hex digits, not all zero. */
public record SpanId(String hex) {
  public SpanId {
    if (!Hex.isId(hex, 16)) {
      throw new IllegalArgumentException("not a span id: " + hex);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
