package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A gateway on a real socket with fakes behind it. */
public final class GatewayFixture implements AutoCloseable {
  static final GatewayLimits LIMITS = GatewayLimits.DEFAULTS;

  final Path directory;
  public final Path socket;
  final Path log;
  final FakeIntake intake;
  public final FakeHouse house = new FakeHouse();
  final GatewayCounters counters = new GatewayCounters();
  final Gateway gateway;

  public GatewayFixture(Path directory) throws IOException {
    this(directory, LIMITS);
  }

  GatewayFixture(Path directory, GatewayLimits limits) throws IOException {
    this(directory, limits, Files.getOwner(directory), null);
  }

  GatewayFixture(
      Path directory,
      GatewayLimits limits,
      UserPrincipal owner,
      java.nio.channels.@Nullable Channel inherited)
      throws IOException {
    this.directory = directory;
    this.socket = directory.resolve("turnpike.sock");
    this.log = directory.resolve("turnpike.log");
    var spills = Files.createDirectories(directory.resolve("spills"));
    this.intake = new FakeIntake(spills);
    var agents = Map.of(new AgentId("claude-code"), "", new AgentId("cursor"), "{}");
    this.gateway =
        Gateway.open(
            new GatewaySetup(socket, inherited, owner, "0.1.0", agents, limits),
            intake,
            house.controls(log),
            counters);
  }

  /** The defaults, but impatient. */
  static GatewayLimits impatient(Duration idle, Duration upload) {
    return new GatewayLimits(
        LIMITS.connections(),
        LIMITS.headBytes(),
        LIMITS.bodyBytes(),
        LIMITS.inlineBytes(),
        idle,
        upload,
        LIMITS.shutdown(),
        LIMITS.flush(),
        LIMITS.followers());
  }

  static GatewayLimits crowded(int connections, int followers) {
    return new GatewayLimits(
        connections,
        LIMITS.headBytes(),
        LIMITS.bodyBytes(),
        LIMITS.inlineBytes(),
        LIMITS.idle(),
        LIMITS.upload(),
        LIMITS.shutdown(),
        LIMITS.flush(),
        followers);
  }

  RawCaller caller() throws IOException {
    return new RawCaller(socket);
  }

  RawCaller.Heard ask(String request) throws IOException {
    return RawCaller.ask(socket, request);
  }

  RawCaller.Heard get(String target) throws IOException {
    return ask("GET " + target + " HTTP/1.1\nHost: turnpike\n\n");
  }

  RawCaller.Heard post(String target) throws IOException {
    return ask("POST " + target + " HTTP/1.1\nHost: turnpike\nContent-Length: 0\n\n");
  }

  /** A hook call's head; more header lines may follow before the blank one. */
  static String hook(String agent, String id, String... headers) {
    return "POST /v1/events/"
        + agent
        + " HTTP/1.1\n"
        + "Host: turnpike\n"
        + "Turnpike-Protocol: 1\n"
        + "Turnpike-Client: 0.1.0\n"
        + "Turnpike-Event-Id: "
        + id
        + "\n"
        + String.join("", java.util.stream.Stream.of(headers).map(h -> h + "\n").toList())
        + "\n";
  }

  @Override
  public void close() throws IOException {
    gateway.close();
  }
}
