package dev.turnpike.gateway.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The servers that agents' environments named, or the user ruled on, and what holds for each.
 *
 * @param servers the first one seen first
 */
public record ServerList(List<Server> servers) implements Report {
  public ServerList {
    servers = List.copyOf(servers);
  }

  /**
   * @param server host and port if it is not the usual one; {@code http://} before it without TLS
   * @param state {@code named} in the settings, {@code allowed}, {@code all-allowed} by {@code
   *     TURNPIKE_DESTINATIONS=all}, {@code held} or {@code denied}
   * @param first when it was first seen
   * @param cwd where the agent worked that brought it first
   * @param waitingBatches what is queued for it
   */
  public record Server(
      String server,
      String state,
      Instant first,
      @Nullable String cwd,
      long waitingBatches,
      long waitingBytes) {}
}
