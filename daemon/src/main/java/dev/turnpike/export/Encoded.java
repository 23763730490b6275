package dev.turnpike.export;

/** What came of encoding a batch. */
public sealed interface Encoded {
  record Ready(Wire wire) implements Encoded {}

  /** More than one request may carry: send it in smaller batches. */
  record TooLarge(String reason) implements Encoded {}
}
