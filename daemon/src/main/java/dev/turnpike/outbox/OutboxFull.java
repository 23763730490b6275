package dev.turnpike.outbox;

import java.io.IOException;

/**
 * The queue's limit is reached: nothing is evicted; the caller's cursor stands and it tries again
 * later.
 */
public final class OutboxFull extends IOException {
  private static final long serialVersionUID = 1L;

  public OutboxFull(String message) {
    super(message);
  }
}
