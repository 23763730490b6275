package dev.turnpike.cli.setup;

import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A user service and its socket, {@code turnpike.service} and {@code turnpike.socket}. */
final class Systemd implements Supervisor {
  private static final String SOCKET = "turnpike.socket";
  private static final String SERVICE = "turnpike.service";

  /** What decides where the daemon looks; a service does not see the user's shell. */
  private static final List<String> PASSED_ON =
      List.of(
          "XDG_CONFIG_HOME",
          "XDG_STATE_HOME",
          "XDG_CACHE_HOME",
          "TURNPIKE_SOCKET",
          "https_proxy",
          "HTTPS_PROXY",
          "no_proxy",
          "NO_PROXY",
          "TURNPIKE_CA_FILE",
          "NODE_EXTRA_CA_CERTS");

  private final Path templates;
  private final Path units;
  private final Path app;
  private final Paths paths;
  private final Map<String, String> environment;
  private final Programs programs;

  Systemd(
      Path templates,
      Places places,
      Paths paths,
      Map<String, String> environment,
      Programs programs) {
    this.templates = templates;
    this.units = places.units();
    this.app = places.app();
    this.paths = paths;
    this.environment = environment;
    this.programs = programs;
  }

  @Override
  public String name() {
    return "systemd user service";
  }

  @Override
  public Optional<String> unusable() throws InterruptedException {
    Programs.Ran ran = systemctl("show-environment");
    return ran.well()
        ? Optional.empty()
        : Optional.of("systemd has no session for this user here: " + oneLine(ran.output()));
  }

  @Override
  public boolean write(Inventory inventory) throws IOException {
    boolean changed = false;
    inventory.directories(units);
    for (Map.Entry<Path, String> unit : wanted().entrySet()) {
      if (!holds(unit.getKey(), unit.getValue())) {
        PrivateFiles.writeAtomically(
            unit.getKey(), unit.getValue().getBytes(StandardCharsets.UTF_8));
        changed = true;
      }
    }
    return changed;
  }

  @Override
  public boolean written() throws IOException {
    for (Map.Entry<Path, String> unit : wanted().entrySet()) {
      if (!holds(unit.getKey(), unit.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(Path file, String text) throws IOException {
    return Files.isRegularFile(file) && Files.readString(file).equals(text);
  }

  private Map<Path, String> wanted() throws IOException {
    var lines = new ArrayList<String>();
    for (String name : PASSED_ON) {
      String value = environment.getOrDefault(name, "");
      if (!value.isBlank()) {
        lines.add("Environment=\"%s=%s\"".formatted(name, quoted(value)));
      }
    }
    var values =
        Map.of(
            "socket", escaped(paths.socket().toString()),
            "image", quoted(app.toString()).replace("$", "$$"),
            "environment", String.join("\n", lines));
    var wanted = new LinkedHashMap<Path, String>();
    for (String unit : List.of(SOCKET, SERVICE)) {
      wanted.put(units.resolve(unit), Template.filled(templates.resolve(unit), values));
    }
    return wanted;
  }

  /** {@code %} begins a specifier everywhere in a unit. */
  private static String escaped(String value) {
    return value.replace("%", "%%");
  }

  private static String quoted(String value) {
    return escaped(value).replace("\\", "\\\\").replace("\"", "\\\"");
  }

  @Override
  public void activate() throws IOException, InterruptedException {
    require(systemctl("daemon-reload"), "daemon-reload");
    // both anew: a socket unit that listens already would keep a changed path from counting
    systemctl("stop", SERVICE, SOCKET);
    require(systemctl("enable", "--now", SOCKET), "enable --now " + SOCKET);
    require(systemctl("start", SERVICE), "start " + SERVICE);
  }

  @Override
  public List<Step> remove() throws IOException {
    Path service = units.resolve(SERVICE);
    Path socket = units.resolve(SOCKET);
    if (Files.notExists(service) && Files.notExists(socket)) {
      return List.of();
    }
    return List.of(
        Step.of(
            "stop and remove the systemd user service in " + units,
            true,
            () -> {
              // fails where systemd does not run; the files go all the same
              systemctl("disable", "--now", SOCKET, SERVICE);
              Files.deleteIfExists(service);
              Files.deleteIfExists(socket);
              systemctl("daemon-reload");
              systemctl("reset-failed", SERVICE);
            }));
  }

  private Programs.Ran systemctl(String... arguments) throws InterruptedException {
    var command = new ArrayList<>(List.of("systemctl", "--user"));
    command.addAll(List.of(arguments));
    return programs.run(command);
  }

  private static void require(Programs.Ran ran, String what) throws IOException {
    if (!ran.well()) {
      throw new IOException("systemctl --user %s: %s".formatted(what, oneLine(ran.output())));
    }
  }

  private static String oneLine(String output) {
    return output.strip().replace('\n', ' ');
  }
}
