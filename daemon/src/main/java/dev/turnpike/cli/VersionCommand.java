package dev.turnpike.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.turnpike.cli.SocketClient.TimedOut;
import dev.turnpike.cli.SocketClient.Unreachable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike version}: of this program and, if it runs, of the daemon. They differ after an
 * upgrade until it is restarted.
 */
final class VersionCommand implements Command {
  private final CommandSpec spec =
      Specs.command(this, "version", "Show the version of this program and of the daemon.")
          .addOption(Specs.flag("--json", "Print JSON; daemon is absent if none answers."));
  private final Context context;

  VersionCommand(Context context) {
    this.context = context;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException {
    String java = System.getProperty("java.version");
    Daemon daemon = daemon();
    if (parsed.hasMatchedOption("--json")) {
      var json = JsonNodeFactory.instance.objectNode();
      json.put("version", context.version()).put("java", java);
      daemon.version().ifPresent(version -> json.put("daemon", version));
      context.say(json + "\n");
    } else {
      context.say(
          "turnpike %s (Java %s)\ndaemon   %s\n"
              .formatted(context.version(), java, daemon.version().orElse(daemon.instead())));
    }
    return Exit.OK;
  }

  /**
   * @param instead what to say where there is no version
   */
  private record Daemon(Optional<String> version, String instead) {}

  private Daemon daemon() throws IOException {
    try {
      var patience = Duration.ofSeconds(2);
      String version = context.client().ask("GET", "/v1/health", false, patience).version();
      return new Daemon(Optional.of(version), "");
    } catch (Unreachable e) {
      return new Daemon(Optional.empty(), "not running");
    } catch (TimedOut e) {
      return new Daemon(Optional.empty(), "does not answer");
    }
  }
}
