package dev.turnpike.daemon;

import dev.turnpike.config.Permits;
import dev.turnpike.config.Permits.Standing;
import dev.turnpike.config.SeenHosts;
import dev.turnpike.gateway.DestinationControl;
import dev.turnpike.gateway.api.RulingReport;
import dev.turnpike.gateway.api.ServerList;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.OutboxStatus;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Passes the user's word on servers on, to the settings' room and to what waits. */
final class DestinationDesk implements DestinationControl {
  private final Permits permits;
  private final Outbox outbox;

  DestinationDesk(Permits permits, Outbox outbox) {
    this.permits = permits;
    this.outbox = outbox;
  }

  @Override
  public ServerList servers() {
    Map<DestinationId, OutboxStatus.Queue> queues = queues();
    return new ServerList(permits.seen().stream().map(seen -> server(seen, queues)).toList());
  }

  @Override
  public Ruled allow(String host) throws IOException {
    Optional<String> server = permits.named(host);
    if (server.isEmpty()) {
      return new Ruled.NoServer();
    }
    long waiting = batches(server.get(), queues());
    permits.allow(server.get());
    permits.destinations(server.get()).forEach(outbox::unpark);
    return new Ruled.Done(new RulingReport(server.get(), "allowed", waiting));
  }

  @Override
  public Ruled deny(String host) throws IOException {
    Optional<String> server = permits.named(host);
    if (server.isEmpty()) {
      return new Ruled.NoServer();
    }
    if (permits.standing(server.get()) == Standing.NAMED) {
      return new Ruled.Named(server.get());
    }
    long removed = 0;
    for (DestinationId id : permits.deny(server.get())) {
      removed += outbox.purge(id);
      outbox.unpark(id);
    }
    return new Ruled.Done(new RulingReport(server.get(), "denied", removed));
  }

  private ServerList.Server server(
      SeenHosts.Seen seen, Map<DestinationId, OutboxStatus.Queue> queues) {
    List<OutboxStatus.Queue> waiting =
        permits.destinations(seen.server()).stream()
            .flatMap(id -> Optional.ofNullable(queues.get(id)).stream())
            .toList();
    return new ServerList.Server(
        seen.server(),
        word(permits.standing(seen.server())),
        seen.first(),
        seen.cwd().isEmpty() ? null : seen.cwd(),
        waiting.stream().mapToLong(OutboxStatus.Queue::batches).sum(),
        waiting.stream().mapToLong(OutboxStatus.Queue::bytes).sum());
  }

  private long batches(String server, Map<DestinationId, OutboxStatus.Queue> queues) {
    return permits.destinations(server).stream()
        .flatMap(id -> Optional.ofNullable(queues.get(id)).stream())
        .mapToLong(OutboxStatus.Queue::batches)
        .sum();
  }

  private Map<DestinationId, OutboxStatus.Queue> queues() {
    var queues = new HashMap<DestinationId, OutboxStatus.Queue>();
    outbox.status().queues().forEach(queue -> queues.put(queue.destination(), queue));
    return queues;
  }

  private static String word(Standing standing) {
    return switch (standing) {
      case NAMED -> "named";
      case ALLOWED -> "allowed";
      case ALL_ALLOWED -> "all-allowed";
      case HELD -> "held";
      case DENIED -> "denied";
    };
  }
}
