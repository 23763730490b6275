package dev.turnpike.export;

import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at one batch: find the keys, take the bytes of the first attempt or make and keep
 * them, send.
 */
final class Attempt {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  /** Costs a look at the settings, no request. */
  private static final Duration RECHECK_HELD = Duration.ofMinutes(1);

  private final DeliveryQueue queue;
  private final Account.Lookup accounts;
  private final Exporter exporter;
  private final LocalSink local;

  Attempt(DeliveryQueue queue, Account.Lookup accounts, Exporter exporter, LocalSink local) {
    this.queue = queue;
    this.accounts = accounts;
    this.exporter = exporter;
    this.local = local;
  }

  SendResult make(Batch batch) {
    if (batch.destination().local()) {
      return local.keep(batch);
    }
    return switch (accounts.find(batch.destination())) {
      case Account.Found.Open(var account) -> make(batch, account);
      case Account.Found.NoKeys() ->
          new SendResult.Unauthorized(
              "no keys are stored for this destination", Statuses.RECHECK_KEYS);
      case Account.Found.Held(var reason) -> new SendResult.Withheld(reason, RECHECK_HELD);
      case Account.Found.Denied(var reason) -> new SendResult.Withdrawn(reason);
    };
  }

  private SendResult make(Batch batch, Account account) {
    try {
      Optional<Wire> pinned = queue.wire(batch).flatMap(Wire::parse);
      return pinned.isPresent() ? send(pinned.get(), account, batch) : first(batch, account);
    } catch (IOException e) {
      // Without kept bytes a repeat could differ from what was sent: better late than double.
      LOG.warn("Cannot keep the encoded bytes of batch {}", batch.id(), e);
      return new SendResult.RetryLater(
          "cannot keep the encoded bytes: " + e.getMessage(), Optional.empty());
    }
  }

  private SendResult first(Batch batch, Account account) throws IOException {
    Encoded encoded;
    try {
      encoded = exporter.encode(batch, account.destination());
    } catch (OutOfMemoryError e) {
      // The heap is small on purpose; whoever filled it may be done when the batch's turn comes
      // again.
      return new SendResult.RetryLater("not enough memory to encode it now", Optional.empty());
    } catch (RuntimeException | StackOverflowError e) {
      LOG.error("Encoding batch {} failed: a bug of ours", batch.id(), e);
      return new SendResult.Refused("could not be encoded: " + e.getClass().getSimpleName());
    }
    return switch (encoded) {
      case Encoded.TooLarge(var reason) -> new SendResult.TooLarge(reason);
      case Encoded.Ready(var wire) -> {
        queue.pinWire(batch, wire.toBytes());
        yield send(wire, account, batch);
      }
    };
  }

  private SendResult send(Wire wire, Account account, Batch batch) {
    try {
      return exporter.send(wire, account.destination(), account.credentials());
    } catch (RuntimeException e) {
      LOG.error("Sending batch {} failed: a bug of ours", batch.id(), e);
      return new SendResult.RetryLater(
          "could not be sent: " + e.getClass().getSimpleName(), Optional.empty());
    }
  }
}
