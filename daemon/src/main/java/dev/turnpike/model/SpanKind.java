package dev.turnpike.model;

/** The kinds of spans as they stand in the seeds of ids. The words are frozen. */
public enum SpanKind {
  TURN("turn"),
  GENERATION("generation"),
  TOOL("tool"),
  AGENT("agent"),
  NOTE("note");

  private final String word;

  SpanKind(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }
}
