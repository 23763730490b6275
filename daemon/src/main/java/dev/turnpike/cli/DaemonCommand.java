package dev.turnpike.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code turnpike daemon}: the daemon in the foreground, as service managers want it. */
final class DaemonCommand implements Command {
  private final CommandSpec spec =
      Specs.command(
          this,
          "daemon",
          "Run the daemon in the foreground, until it is told to stop. Service managers use this.");
  private final Context context;

  DaemonCommand(Context context) {
    this.context = context;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    return context.daemon().run();
  }
}
