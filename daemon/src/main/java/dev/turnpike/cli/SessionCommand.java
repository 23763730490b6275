package dev.turnpike.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike pause}, {@code resume}, {@code forget} and {@code session}: one session, named
 * whole or by the beginning of its id.
 */
final class SessionCommand implements Command {
  private final CommandSpec spec;
  private final Context context;
  private final Asking asking;
  private final SessionNames names;
  private final String method;
  private final String below;

  private SessionCommand(
      Context context, String name, String method, String below, String description) {
    this.spec =
        Specs.command(this, name, description, "turnpike " + name + " claude-code/0f3c8a52")
            .addPositional(
                Specs.argument(
                    0, "SESSION", "AGENT/ID as 'turnpike sessions' lists them, or the beginning."))
            .addOption(Specs.json());
    this.context = context;
    this.asking = new Asking(context);
    this.names = new SessionNames(context);
    this.method = method;
    this.below = below;
  }

  static List<Command> all(Context context) {
    return List.of(
        new SessionCommand(
            context, "session", "GET", "", "Show one session: its files, cursor and last trace."),
        new SessionCommand(
            context,
            "pause",
            "POST",
            "/pause",
            "Stop tracing a session. What happens in it from now on is never traced."),
        new SessionCommand(context, "resume", "POST", "/resume", "Trace a paused session again."),
        new SessionCommand(
            context,
            "forget",
            "DELETE",
            "",
            "Remove what this machine keeps of a session. What was sent stays where it is."));
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException {
    String typed = parsed.matchedPositionalValue(0, "");
    boolean json = parsed.hasMatchedOption("--json");
    var path = path(typed);
    return path.isEmpty()
        ? Exit.FAILED
        : asking.print(method, "/v1/sessions/" + path.get() + below, json, Asking.PATIENCE);
  }

  /** A whole name is taken even if no such session is known yet. */
  private Optional<String> path(String typed) throws IOException {
    var known = names.matching(typed);
    if (known.size() == 1) {
      return Optional.of(path(known.getFirst().agent(), known.getFirst().id()));
    }
    if (known.size() > 1) {
      names.complain(known);
      return Optional.empty();
    }
    int slash = typed.indexOf('/');
    if (slash > 0 && slash < typed.length() - 1) {
      return Optional.of(path(typed.substring(0, slash), typed.substring(slash + 1)));
    }
    context.complain("There is no such session. 'turnpike sessions' lists them.");
    return Optional.empty();
  }

  private static String path(String agent, String id) {
    return Asking.encoded(agent) + "/" + Asking.encoded(id);
  }
}
