package dev.turnpike.agent;

import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.agent.Installer.UnreadableSettings;
import dev.turnpike.model.AgentId;
import dev.turnpike.platform.HostFacts;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The secret with which an agent's telemetry is let in: {@code otlp/<agent>.token} below the state
 * directory. While no agent has one, the daemon listens on no port.
 *
 * @param file where it lies
 * @param value what is kept there, or a new one
 * @param fresh it is new and still to be written
 */
public record TelemetryToken(Path file, String value, boolean fresh) {
  private static final String PORT = "4319";
  private static final int TOKEN_BYTES = 24;

  /** The present token, or one to be. */
  public static TelemetryToken of(Machine machine, AgentId agent, SecureRandom random)
      throws UnreadableSettings {
    Optional<String> kept = kept(machine, agent);
    if (kept.isPresent()) {
      return new TelemetryToken(file(machine, agent), kept.get(), false);
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    return new TelemetryToken(file(machine, agent), HexFormat.of().formatHex(bytes), true);
  }

  public static Optional<String> kept(Machine machine, AgentId agent) throws UnreadableSettings {
    return SettingsText.read(file(machine, agent))
        .text()
        .map(String::strip)
        .filter(some -> !some.isEmpty());
  }

  public static Path file(Machine machine, AgentId agent) {
    return paths(machine).otlp().resolve(agent + ".token");
  }

  /** Empty if it is there. */
  public Optional<FileChange> change(String description) {
    return fresh
        ? Optional.of(new FileChange(file, Optional.of(value + "\n"), description))
        : Optional.empty();
  }

  /** What takes it away; empty if there is none. */
  public static Optional<FileChange> removal(Machine machine, AgentId agent, String description)
      throws UnreadableSettings {
    SettingsText present = SettingsText.read(file(machine, agent));
    return present
        .text()
        .map(text -> new FileChange(present.file(), Optional.empty(), description));
  }

  /** Where telemetry is received; another port if the environment of the installation says so. */
  public static String endpoint(Machine machine, AgentId agent) {
    String said = machine.environment().getOrDefault("TURNPIKE_OTLP_PORT", "").strip();
    return "http://127.0.0.1:%s/%s".formatted(said.matches("\\d{1,5}") ? said : PORT, agent);
  }

  /** A file of ours beside the settings file. */
  public static Path script(Machine machine, String name) {
    return paths(machine).config().resolveSibling(name);
  }

  private static Paths paths(Machine machine) {
    return Paths.of(machine.environment(), machine.home(), Os.current(), HostFacts.current().uid());
  }
}
