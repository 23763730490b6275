package dev.turnpike.export;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;

/**
 * Speaks one backend's language. Safe for many threads; each destination has at most one batch on
 * its way.
 *
 * <p>A batch is encoded once. What {@link #encode} gave is kept and every attempt sends the same
 * bytes, because a backend may only recognise a repeat by its being equal.
 */
public interface Exporter extends AutoCloseable {
  /** May ask the server what it understands; a server that does not answer is no obstacle. */
  Encoded encode(Batch batch, Destination destination);

  /**
   * One attempt, at most about half a minute long. Every outcome is a result; nothing is retried in
   * here.
   */
  SendResult send(Wire wire, Destination destination, Credentials credentials);

  /**
   * Breaks off what is on its way (its result is {@code RetryLater}) and lets go of connections.
   * May be called twice.
   */
  @Override
  void close();
}
