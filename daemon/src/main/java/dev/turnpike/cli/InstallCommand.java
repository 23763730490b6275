package dev.turnpike.cli;

import dev.turnpike.agent.Agent;
import dev.turnpike.cli.setup.Installation;
import dev.turnpike.cli.setup.Step;
import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import dev.turnpike.cli.setup.Surroundings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code turnpike install}: for this user, from the image this program runs from. */
public final class InstallCommand implements Command {
  private final CommandSpec spec =
      Specs.command(
          this,
          "install",
          "Install for this user: program, links, settings file, hooks of the agents found,"
              + " service, daemon. Over an older version, or twice, it does what has changed.",
          "turnpike install --dry-run",
          "turnpike install claude-code --no-service");
  private final Context context;
  private final Function<Context, Surroundings> surroundings;

  public InstallCommand(Context context, Function<Context, Surroundings> surroundings) {
    this.context = context;
    this.surroundings = surroundings;
    spec.addPositional(
            PositionalParamSpec.builder()
                .index("0..*")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel("AGENT")
                .description("Register hooks with these only (claude-code ...), found or not.")
                .build())
        .addOption(Specs.flag("--yes", "Do not ask. Without a terminal nothing is asked anyway."))
        .addOption(
            Specs.flag(
                "--trust",
                "Also tell agents that run no hook before you have trusted it (Codex) that you"
                    + " trust Turnpike's. Never implied by --yes."))
        .addOption(Specs.flag("--dry-run", "Say what would be done, and do nothing."))
        .addOption(
            Specs.flag("--no-service", "No systemd or launchd service: hooks start the daemon."))
        .addOption(Specs.flag("--no-start", "Do not start or restart the daemon."))
        .addOption(Specs.flag("--json", "Print what was done as JSON."));
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    boolean json = parsed.hasMatchedOption("--json");
    boolean dryRun = parsed.hasMatchedOption("--dry-run");
    boolean start = !parsed.hasMatchedOption("--no-start");
    var world = surroundings.apply(context);
    List<Agent<?>> agents = agents(world, parsed);
    boolean ask = context.terminal() && !json && !parsed.hasMatchedOption("--yes");
    boolean trust =
        parsed.hasMatchedOption("--trust") || (ask && !dryRun && trusted(world, agents));
    var wishes =
        new Installation.Wishes(agents, !parsed.hasMatchedOption("--no-service"), start, trust);
    List<Step> steps = Installation.plan(world, wishes, context.version());
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
    if (well && start) {
      training(world, taking);
    }
    taking.finish(false);
    return well ? Exit.OK : Exit.FAILED;
  }

  private boolean trusted(Surroundings world, List<Agent<?>> agents) throws IOException {
    List<String> questions = Installation.questions(world, agents);
    for (String why : questions) {
      if (!Question.agreed(context, why + ". Trust the hooks of Turnpike?")) {
        return false;
      }
    }
    return !questions.isEmpty();
  }

  private void training(Surroundings world, StepPrinter printer) throws IOException {
    var training = new Training(context, world);
    if (training.wanted()) {
      training.begin();
      printer.tell(
          new Done(State.NOTE, "a faster start of the daemon is being prepared in the background"));
    }
  }

  private List<Agent<?>> agents(Surroundings world, ParseResult parsed) {
    var named = new ArrayList<Agent<?>>();
    for (String name : parsed.matchedPositionalValue(0, List.<String>of())) {
      named.add(
          world.agents().stream()
              .filter(agent -> agent.id().value().equals(name))
              .findFirst()
              .orElseThrow(() -> unknown(world, name)));
    }
    return named;
  }

  private ParameterException unknown(Surroundings world, String name) {
    return new ParameterException(
        spec.commandLine(),
        "there is no agent '%s'; known: %s"
            .formatted(
                name,
                String.join(
                    ", ", world.agents().stream().map(agent -> agent.id().value()).toList())));
  }
}
