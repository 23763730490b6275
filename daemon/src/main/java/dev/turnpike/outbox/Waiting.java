package dev.turnpike.outbox;

/**
 * What waits to be sent.
 *
 * @param bytes bodies and pinned wire bytes
 */
public record Waiting(int batches, long bytes) {
  static final Waiting NOTHING = new Waiting(0, 0);

  Waiting with(Waiting other) {
    return new Waiting(batches + other.batches, bytes + other.bytes);
  }
}
