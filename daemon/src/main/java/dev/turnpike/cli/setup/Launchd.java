package dev.turnpike.cli.setup;

import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A user agent of macOS, {@code ~/Library/LaunchAgents/dev.turnpike.daemon.plist}. */
final class Launchd implements Supervisor {
  private static final String LABEL = "dev.turnpike.daemon";
  private static final String FILE = LABEL + ".plist";
  private static final List<String> PASSED_ON =
      List.of(
          "XDG_CONFIG_HOME",
          "TURNPIKE_SOCKET",
          "https_proxy",
          "HTTPS_PROXY",
          "no_proxy",
          "NO_PROXY",
          "TURNPIKE_CA_FILE",
          "NODE_EXTRA_CA_CERTS");

  private final Path template;
  private final Path file;
  private final Path app;
  private final Paths paths;
  private final Map<String, String> environment;
  private final long uid;
  private final Programs programs;

  Launchd(
      Path templates,
      Places places,
      Paths paths,
      Map<String, String> environment,
      long uid,
      Programs programs) {
    this.template = templates.resolve(FILE);
    this.file = places.launchAgents().resolve(FILE);
    this.app = places.app();
    this.paths = paths;
    this.environment = environment;
    this.uid = uid;
    this.programs = programs;
  }

  @Override
  public String name() {
    return "launchd user agent";
  }

  @Override
  public Optional<String> unusable() throws InterruptedException {
    Programs.Ran ran = programs.run(List.of("launchctl", "print", domain()));
    return ran.well()
        ? Optional.empty()
        : Optional.of("launchd has no session of this user here (no log-in at the screen)");
  }

  @Override
  public boolean write(Inventory inventory) throws IOException {
    if (written()) {
      return false;
    }
    inventory.directories(Trees.above(file));
    PrivateFiles.createDirectory(paths.log());
    PrivateFiles.writeAtomically(file, wanted().getBytes(StandardCharsets.UTF_8));
    return true;
  }

  @Override
  public boolean written() throws IOException {
    return Files.isRegularFile(file) && Files.readString(file).equals(wanted());
  }

  private String wanted() throws IOException {
    var variables = new StringBuilder();
    for (String name : PASSED_ON) {
      String value = environment.getOrDefault(name, "");
      if (!value.isBlank()) {
        variables.append("<key>%s</key><string>%s</string>".formatted(name, escaped(value)));
      }
    }
    return Template.filled(
        template,
        Map.of(
            "image", escaped(app.toString()),
            "socket", escaped(paths.socket().toString()),
            "log", escaped(paths.log().toString()),
            "environment", variables.toString()));
  }

  private static String escaped(String value) {
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  @Override
  public void activate() throws IOException, InterruptedException {
    programs.run(List.of("launchctl", "bootout", domain() + "/" + LABEL));
    Programs.Ran ran = programs.run(List.of("launchctl", "bootstrap", domain(), file.toString()));
    if (!ran.well()) {
      throw new IOException("launchctl bootstrap %s: %s".formatted(domain(), ran.output().strip()));
    }
  }

  @Override
  public List<Step> remove() {
    if (Files.notExists(file)) {
      return List.of();
    }
    return List.of(
        Step.of(
            "stop and remove the launchd user agent " + file,
            true,
            () -> {
              programs.run(List.of("launchctl", "bootout", domain() + "/" + LABEL));
              Files.deleteIfExists(file);
            }));
  }

  private String domain() {
    return "gui/" + uid;
  }
}
