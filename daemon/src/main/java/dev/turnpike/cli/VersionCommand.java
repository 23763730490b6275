package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.TimedOut;
import dev.turnpike.cli.SocketClient.Unreachable;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike version}: of this program and, if it runs, of the daemon. They differ after an
 * upgrade until it is restarted.
 */
final class VersionCommand implements Command {
  private final CommandSpec spec =
      Specs.command(this, "version", "Show the version of this program and of the daemon.");
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
    context.say(
        "turnpike %s (Java %s)\ndaemon   %s\n"
            .formatted(context.version(), System.getProperty("java.version"), daemon()));
    return Exit.OK;
  }

  private String daemon() throws IOException {
    try {
      var patience = Duration.ofSeconds(2);
      return context.client().ask("GET", "/v1/health", false, patience).version();
    } catch (Unreachable e) {
      return "not running";
    } catch (TimedOut e) {
      return "does not answer";
    }
  }
}
