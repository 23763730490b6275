package dev.turnpike.model;

/** 32 lower-case hex digits, not all zero. */
public record TraceId(String hex) {
  public TraceId {
    if (!Hex.isId(hex, 32)) {
      throw new IllegalArgumentException("not a trace id: " + hex);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}
