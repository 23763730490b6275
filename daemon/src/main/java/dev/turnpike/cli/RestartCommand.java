package dev.turnpike.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code turnpike restart}: {@link StopCommand}, then {@link StartCommand}. */
final class RestartCommand implements Command {
  private final CommandSpec spec =
      Specs.command(
          this,
          "restart",
          "Stop the daemon, if it runs, and start it. What agents do meanwhile is kept and"
              + " traced.");
  private final StopCommand stop;
  private final StartCommand start;

  RestartCommand(Context context) {
    this.stop = new StopCommand(context);
    this.start = new StartCommand(context);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    int stopped = stop.run(parsed);
    return stopped == Exit.OK ? start.run(parsed) : stopped;
  }
}
