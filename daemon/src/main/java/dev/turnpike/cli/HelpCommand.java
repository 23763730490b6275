package dev.turnpike.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code turnpike help [COMMAND...]}: what {@code --help} shows, for those who type it first. */
final class HelpCommand implements Command {
  private final CommandSpec spec =
      Specs.command(
              this,
              "help",
              "Show what there is, or how one command is used.",
              "turnpike help flush",
              "turnpike help config explain")
          .addPositional(
              PositionalParamSpec.builder()
                  .index("0..*")
                  .arity("0..*")
                  .type(String[].class)
                  .paramLabel("COMMAND")
                  .description("The command.")
                  .build());
  private final Context context;

  HelpCommand(Context context) {
    this.context = context;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) {
    CommandLine at = spec.root().commandLine();
    for (String name : parsed.matchedPositionalValue(0, new String[0])) {
      at = at.getSubcommands().get(name);
      if (at == null) {
        throw new ParameterException(spec.commandLine(), "There is no command '" + name + "'");
      }
    }
    at.usage(context.out());
    return Exit.OK;
  }
}
