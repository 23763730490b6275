package dev.turnpike.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code turnpike completion}: a script for the shell to read. */
final class CompletionCommand implements Command {
  private final CommandSpec spec =
      Specs.command(
              this,
              "completion",
              "Print a script that completes commands and options in bash and zsh.",
              "source <(turnpike completion bash)",
              "turnpike completion zsh > ~/.turnpike-completion",
              "echo 'source ~/.turnpike-completion' >> ~/.zshrc")
          .addPositional(
              PositionalParamSpec.builder()
                  .index("0")
                  .arity("0..1")
                  .type(Shell.class)
                  .paramLabel("SHELL")
                  .description("bash or zsh; both read the same script.")
                  .build());
  private final Context context;

  /** The words as they are typed. */
  enum Shell {
    bash,
    zsh
  }

  CompletionCommand(Context context) {
    this.context = context;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) {
    var root = spec.root().commandLine();
    context.say(AutoComplete.bash(root.getCommandName(), root) + "\n");
    return Exit.OK;
  }
}
