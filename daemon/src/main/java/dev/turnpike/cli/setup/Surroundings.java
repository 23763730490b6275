package dev.turnpike.cli.setup;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.config.Config;
import dev.turnpike.config.Explained;
import dev.turnpike.config.Setting;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The machine and the user as installing meets them.
 *
 * @param image the one this program runs from; empty if it runs from elsewhere (a build's class
 *     path)
 * @param javaHome the Java this program runs on
 */
public record Surroundings(
    Paths paths,
    Path home,
    Os os,
    long uid,
    Map<String, String> environment,
    Optional<Path> image,
    Path javaHome,
    List<Agent<?>> agents,
    InstantSource clock,
    Programs programs,
    DaemonControl daemon) {
  public Surroundings {
    environment = Map.copyOf(environment);
    agents = List.copyOf(agents);
  }

  public Places places() {
    return Places.of(paths, environment, home, os);
  }

  /** The environment of the user, and what the settings say to installers. */
  public Machine machine() {
    var told = new HashMap<>(environment);
    Explained toolHooks =
        Config.of(paths, environment).explain(null, Map.of()).get(Setting.TURNPIKE_TOOL_HOOKS);
    if (toolHooks != null) {
      told.put(toolHooks.setting().name(), toolHooks.shown());
    }
    return new Machine(home, told);
  }

  /** The manager of services this system has. Where it finds its templates: in the image. */
  Supervisor services(Path image) {
    return switch (os) {
      case LINUX ->
          new Systemd(image.resolve("share/systemd"), places(), paths, environment, programs);
      case MACOS ->
          new Launchd(image.resolve("share/launchd"), places(), paths, environment, uid, programs);
    };
  }

  /** The Java in use, where the launcher would not look for one by itself. */
  Optional<Path> unusualJava() {
    boolean usual =
        javaHome.startsWith("/usr/lib/jvm")
            || javaHome.startsWith("/Library/Java/JavaVirtualMachines")
            || javaHome.startsWith(home.resolve(".sdkman/candidates/java"))
            || image.filter(javaHome::startsWith).isPresent();
    return usual ? Optional.empty() : Optional.of(javaHome);
  }
}
