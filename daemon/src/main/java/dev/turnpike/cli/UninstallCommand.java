package dev.turnpike.cli;

import dev.turnpike.cli.setup.Removal;
import dev.turnpike.cli.setup.Step;
import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import dev.turnpike.cli.setup.Surroundings;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code turnpike uninstall}: takes all of an installation back, whole or half. */
public final class UninstallCommand implements Command {
  private final CommandSpec spec =
      Specs.command(
              this,
              "uninstall",
              "Take everything back that install has done: hooks of all agents, service, daemon,"
                  + " links, program. Settings and traces stay.",
              "turnpike uninstall --dry-run",
              "turnpike uninstall --purge")
          .addOption(Specs.flag("--purge", "Remove settings, traces and everything kept, too."))
          .addOption(Specs.flag("--yes", "Do not ask."))
          .addOption(Specs.flag("--dry-run", "Say what would be done, and do nothing."))
          .addOption(Specs.flag("--json", "Print what was done as JSON."));
  private final Context context;
  private final Function<Context, Surroundings> surroundings;

  public UninstallCommand(Context context, Function<Context, Surroundings> surroundings) {
    this.context = context;
    this.surroundings = surroundings;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    boolean json = parsed.hasMatchedOption("--json");
    boolean dryRun = parsed.hasMatchedOption("--dry-run");
    List<Step> steps =
        Removal.plan(surroundings.apply(context), parsed.hasMatchedOption("--purge"));
    boolean ask = context.terminal() && !json && !parsed.hasMatchedOption("--yes");
    var printer = new StepPrinter(context, json);
    if (dryRun || ask) {
      printer.plan(steps);
    }
    if (dryRun) {
      printer.finish(true);
      return printer.well() ? Exit.OK : Exit.FAILED;
    }
    if (ask && !Question.agreed(context, "Go ahead?")) {
      return Exit.OK;
    }
    var taking = new StepPrinter(context, json);
    boolean well = taking.take(steps);
    if (taking.silent()) {
      taking.tell(new Done(State.UNCHANGED, "nothing of Turnpike is installed here"));
    }
    taking.finish(false);
    return well ? Exit.OK : Exit.FAILED;
  }
}
