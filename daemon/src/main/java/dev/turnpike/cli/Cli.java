package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.TimedOut;
import dev.turnpike.cli.SocketClient.Unreachable;
import dev.turnpike.gateway.api.ApiJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code turnpike}: the root of all commands. */
public final class Cli implements Command {
  private static final Map<String, String> EXIT_CODES = exitCodes();

  private final Context context;
  private final CommandSpec spec;

  private Cli(Context context) {
    this.context = context;
    this.spec =
        Specs.command(
                this,
                "turnpike",
                "Traces coding agents to Langfuse from this machine.",
                "turnpike status",
                "turnpike traces --limit 5",
                "turnpike config explain LANGFUSE_BASE_URL")
            .addOption(
                OptionSpec.builder("-V", "--version")
                    .versionHelp(true)
                    .description("Show the version of this program.")
                    .build())
            .version("turnpike " + context.version());
    spec.usageMessage()
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(EXIT_CODES)
        .commandListHeading("%nCommands:%n");
    for (var command : commands(context)) {
      var added = command.spec();
      spec.addSubcommand(added.name(), added);
    }
  }

  /**
   * Runs one command.
   *
   * @return the exit code: 0 done, 1 failed, 2 wrong usage, 69 no daemon answers, 75 not finished
   *     in time
   */
  public static int run(String[] args, Context context) {
    var line = new CommandLine(new Cli(context).spec);
    line.setOut(context.out())
        .setErr(context.err())
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(context.terminal() ? Ansi.AUTO : Ansi.OFF))
        .setExecutionStrategy(Cli::execute)
        .setParameterExceptionHandler((wrong, typed) -> wrongUsage(wrong, context))
        .setExecutionExceptionHandler((failure, at, parsed) -> failed(failure, context));
    int exit = line.execute(args);
    context.out().flush();
    context.err().flush();
    return exit;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  /** Without a command: what there is. */
  @Override
  public int run(ParseResult parsed) {
    spec.commandLine().usage(context.out());
    return Exit.OK;
  }

  private static List<Command> commands(Context context) {
    var commands = new ArrayList<Command>();
    commands.add(new StartCommand(context));
    commands.add(new StopCommand(context));
    commands.add(new RestartCommand(context));
    commands.addAll(AskCommand.all(context));
    commands.add(new FlushCommand(context));
    commands.addAll(SessionCommand.all(context));
    commands.add(new DestinationsCommand(context));
    commands.add(new LogsCommand(context));
    commands.add(new ConfigCommand(context));
    context.further().forEach(command -> commands.add(command.apply(context)));
    commands.add(new DaemonCommand(context));
    commands.add(new CompletionCommand(context));
    commands.add(new VersionCommand(context));
    commands.add(new HelpCommand(context));
    return commands;
  }

  private static int execute(ParseResult parsed) {
    var help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    var deepest = parsed.asCommandLineList().getLast();
    if (!(deepest.getCommandSpec().userObject() instanceof Command command)) {
      throw new IllegalStateException(deepest.getCommandName() + " is no command of ours");
    }
    try {
      return command.run(deepest.getParseResult());
    } catch (IOException e) {
      throw new CommandLine.ExecutionException(deepest, String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Exit.FAILED;
    }
  }

  private static int wrongUsage(ParameterException wrong, Context context) {
    var command = wrong.getCommandLine().getCommandSpec();
    context.complain(String.valueOf(wrong.getMessage()));
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      UnmatchedArgumentException.printSuggestions(unmatched, context.err());
    }
    context.complain("See: " + command.qualifiedName() + " --help");
    return Exit.USAGE;
  }

  private static int failed(Exception failure, Context context) {
    return switch (failure) {
      case Unreachable e -> {
        context.complain("The daemon is not running. Start it with: turnpike start");
        yield Exit.UNREACHABLE;
      }
      case TimedOut e -> {
        context.complain(e.getMessage() + ". Its log may say why: turnpike logs");
        yield Exit.TIMED_OUT;
      }
      case ApiJson.Unknown e -> {
        context.complain("That did not work: " + e.getMessage() + ". Run: turnpike restart");
        yield Exit.FAILED;
      }
      case IOException e -> {
        context.complain("That did not work: " + e);
        yield Exit.FAILED;
      }
      default -> {
        context.complain("This is a bug in turnpike: " + failure);
        failure.printStackTrace(context.err());
        yield Exit.FAILED;
      }
    };
  }

  private static Map<String, String> exitCodes() {
    var codes = new LinkedHashMap<String, String>();
    codes.put(Integer.toString(Exit.OK), "done");
    codes.put(Integer.toString(Exit.FAILED), "failed; the message says why");
    codes.put(Integer.toString(Exit.USAGE), "wrong usage");
    codes.put(Integer.toString(Exit.UNREACHABLE), "the daemon is not running");
    codes.put(Integer.toString(Exit.TIMED_OUT), "not finished in time; trying again may help");
    return codes;
  }
}
