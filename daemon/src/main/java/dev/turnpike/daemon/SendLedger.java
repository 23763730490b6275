package dev.turnpike.daemon;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.export.Encoded;
import dev.turnpike.export.Exporter;
import dev.turnpike.export.LocalSink;
import dev.turnpike.export.Wire;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Notes beside each attempt how it went, by destination, for {@code status}. Changes nothing of
 * what is sent.
 */
final class SendLedger implements Exporter {
  /** What is known of a destination since the daemon started. */
  record Account(
      @Nullable Instant lastSuccess,
      @Nullable Instant lastErrorAt,
      @Nullable String lastError,
      String path) {
    static final Account NEW = new Account(null, null, null, "undecided");
  }

  private final Exporter exporter;
  private final InstantSource clock;
  private final Map<DestinationId, Account> accounts = new ConcurrentHashMap<>();

  SendLedger(Exporter exporter, InstantSource clock) {
    this.exporter = exporter;
    this.clock = clock;
  }

  Optional<Account> account(DestinationId destination) {
    return Optional.ofNullable(accounts.get(destination));
  }

  @Override
  public Encoded encode(Batch batch, Destination destination) {
    return exporter.encode(batch, destination);
  }

  @Override
  public SendResult send(Wire wire, Destination destination, Credentials credentials) {
    SendResult result = exporter.send(wire, destination, credentials);
    note(destination.id(), result, wire.path().name().toLowerCase(Locale.ROOT));
    return result;
  }

  /** The sink for what stays on this machine, with its moments noted like those of a server. */
  LocalSink noting(LocalSink sink) {
    return batch -> {
      SendResult result = sink.keep(batch);
      note(DestinationId.LOCAL, result, "files");
      return result;
    };
  }

  private void note(DestinationId destination, SendResult result, String path) {
    Instant now = clock.instant();
    accounts.compute(
        destination,
        (id, before) -> after(before == null ? Account.NEW : before, result, now, path));
  }

  private static Account after(Account before, SendResult result, Instant now, String path) {
    Optional<String> problem =
        switch (result) {
          case SendResult.Accepted() -> Optional.empty();
          case SendResult.PartlyAccepted(var rejections) ->
              Optional.of("refused " + rejections.size() + " of a batch");
          case SendResult.RetryLater(var reason, _) -> Optional.of(reason);
          case SendResult.Unauthorized(var reason, _) -> Optional.of(reason);
          case SendResult.Withheld(var reason, _) -> Optional.of(reason);
          case SendResult.Withdrawn(var reason) -> Optional.of(reason);
          case SendResult.TooLarge(var reason) -> Optional.of(reason);
          case SendResult.Refused(var reason) -> Optional.of(reason);
          case SendResult.OtherPath(var reason) -> Optional.of(reason);
        };
    return problem
        .map(text -> new Account(before.lastSuccess(), now, text, path))
        .orElseGet(() -> new Account(now, before.lastErrorAt(), before.lastError(), path));
  }

  @Override
  public void close() {
    exporter.close();
  }
}
