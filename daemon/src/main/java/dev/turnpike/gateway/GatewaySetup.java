package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import java.nio.channels.Channel;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the gateway listens and whom it knows.
 *
 * @param file the socket; its directory is private and the caller holds the instance lock. Not used
 *     when a socket was inherited
 * @param inherited what {@code System.inheritedChannel()} gave
 * @param owner the only user who may call: the owner of the state directory
 * @param version goes into every answer
 * @param agents the known ones, each with what its hook client prints
 * @param otlp the receiver of telemetry; empty: there is none
 */
public record GatewaySetup(
    Path file,
    @Nullable Channel inherited,
    UserPrincipal owner,
    String version,
    Map<AgentId, String> agents,
    GatewayLimits limits,
    Optional<OtlpSetup> otlp) {
  public GatewaySetup(
      Path file,
      @Nullable Channel inherited,
      UserPrincipal owner,
      String version,
      Map<AgentId, String> agents,
      GatewayLimits limits) {
    this(file, inherited, owner, version, agents, limits, Optional.empty());
  }

  public GatewaySetup {
    agents = Map.copyOf(agents);
  }
}
