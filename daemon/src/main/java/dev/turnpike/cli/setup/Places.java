package dev.turnpike.cli.setup;

import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where an installation lies, beside the daemon's own {@link Paths}.
 *
 * @param app a symbolic link to the image in use, which lies beside it with the time of its
 *     installation in its name: {@code turnpike -> turnpike.20261121T101500Z}. One rename of the
 *     link is the whole upgrade, so a hook never finds its program missing
 * @param bin where the links to the programs go
 * @param units systemd's user units
 * @param launchAgents launchd's user agents
 * @param own everything below {@code TURNPIKE_HOME}: no service, nothing outside
 */
public record Places(Path app, Path bin, Path units, Path launchAgents, Path state, boolean own) {
  public static final String DAEMON = "turnpike";
  public static final String HOOK = "turnpike-hook";

  public static Places of(Paths paths, Map<String, String> environment, Path home, Os os) {
    Path config = xdg(environment, "XDG_CONFIG_HOME", home.resolve(".config"));
    Path units = config.resolve("systemd/user");
    Path launchAgents = home.resolve("Library/LaunchAgents");
    String said = environment.getOrDefault("TURNPIKE_HOME", "");
    if (!said.isBlank()) {
      Path own = Path.of(said).toAbsolutePath().normalize();
      return new Places(
          own.resolve("app"), own.resolve("bin"), units, launchAgents, paths.state(), true);
    }
    Path app =
        switch (os) {
          case LINUX ->
              xdg(environment, "XDG_DATA_HOME", home.resolve(".local/share")).resolve("turnpike");
          case MACOS -> home.resolve("Library/Application Support/turnpike/app");
        };
    return new Places(app, home.resolve(".local/bin"), units, launchAgents, paths.state(), false);
  }

  public Path hookProgram() {
    return app.resolve("bin").resolve(HOOK);
  }

  public Path daemonProgram() {
    return app.resolve("bin").resolve(DAEMON);
  }

  /** Tells the hook client that a service manager starts the daemon. */
  Path serviceMarker() {
    return state.resolve("service");
  }

  Path backups() {
    return state.resolve("backups");
  }

  Path inventory() {
    return state.resolve("installed");
  }

  private static Path xdg(Map<String, String> environment, String name, Path usual) {
    String said = environment.getOrDefault(name, "");
    return said.startsWith("/") ? Path.of(said).normalize() : usual;
  }
}
