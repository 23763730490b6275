package dev.turnpike.cli;

import dev.turnpike.gateway.api.SessionList.SessionSummary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The commands that ask one thing and print the answer. */
final class AskCommand implements Command {
  /** Asks, knowing what was typed. */
  @FunctionalInterface
  interface Question {
    int put(Asking asking, ParseResult parsed, boolean json) throws IOException;
  }

  private final CommandSpec spec;
  private final Asking asking;
  private final Question question;

  private AskCommand(
      Context context, String name, String description, Question question, String... examples) {
    this.spec = Specs.command(this, name, description, examples);
    this.spec.addOption(Specs.json());
    this.asking = new Asking(context);
    this.question = question;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException {
    return question.put(asking, parsed, parsed.hasMatchedOption("--json"));
  }

  static List<Command> all(Context context) {
    var commands = new ArrayList<Command>();
    commands.add(
        new AskCommand(
            context,
            "status",
            "Show how the daemon is: problems first, then agents, destinations, stores, drops.",
            (asking, parsed, json) -> asking.get("/v1/status", json)));
    commands.add(traces(context));
    commands.add(show(context));
    commands.add(
        new AskCommand(
            context,
            "sessions",
            "List the sessions the daemon knows, the last active first.",
            (asking, parsed, json) -> asking.get("/v1/sessions", json)));
    commands.add(
        new AskCommand(
            context,
            "send",
            "Send the traces kept on this machine to the Langfuse server that is configured now.",
            (asking, parsed, json) -> asking.post("/v1/traces/local/send", json)));
    commands.add(outbox(context));
    commands.add(
        new AskCommand(
            context,
            "reload",
            "Let the daemon read its settings anew. It also does so by itself when the file"
                + " changes.",
            (asking, parsed, json) -> asking.post("/v1/reload", json)));
    return commands;
  }

  private static Command traces(Context context) {
    var command =
        new AskCommand(
            context,
            "traces",
            "List the traces kept on this machine, the newest first.",
            (asking, parsed, json) -> {
              int limit = parsed.matchedOptionValue("--limit", 20);
              String session = parsed.matchedOptionValue("--session", "");
              return session.isEmpty()
                  ? asking.get("/v1/traces/local?limit=" + limit, json)
                  : tracesOf(context, asking, session, limit, json);
            },
            "turnpike traces --limit 5",
            "turnpike traces --session claude-code/0f3c8a52",
            "turnpike show $(turnpike traces --limit 1 --json | jq -r .traces[0].id)");
    command.spec.addOption(Specs.count("--limit", 20, "How many at most (up to 1000)."));
    command.spec.addOption(
        Specs.value(
            "--session",
            "SESSION",
            "",
            "Only those of this one: AGENT/ID as 'turnpike sessions' lists it, or the beginning."));
    return command;
  }

  /** A session that the daemon has forgotten may have traces yet: then its id is what was typed. */
  private static int tracesOf(Context context, Asking asking, String typed, int limit, boolean json)
      throws IOException {
    var names = new SessionNames(context);
    var known = names.matching(typed);
    if (known.stream().map(SessionSummary::id).distinct().count() > 1) {
      names.complain(known);
      return Exit.FAILED;
    }
    String id = known.isEmpty() ? typed.substring(typed.indexOf('/') + 1) : known.getFirst().id();
    return asking.get(
        "/v1/traces/local?limit=%d&session=%s".formatted(limit, Asking.encoded(id)), json);
  }

  private static Command show(Context context) {
    var command =
        new AskCommand(
            context,
            "show",
            "Show one trace as a tree: times, tokens, cost, what failed, and where it went.",
            (asking, parsed, json) ->
                asking.get(
                    "/v1/traces/local/" + Asking.encoded(parsed.matchedPositionalValue(0, "")),
                    json),
            "turnpike show 4bf92f35");
    command.spec.addPositional(
        Specs.argument(0, "TRACE", "Its id, or the first four digits of it or more."));
    return command;
  }

  private static Command outbox(Context context) {
    var command =
        new AskCommand(
            context,
            "outbox",
            "Show what waits to be sent and what was given up.",
            (asking, parsed, json) ->
                parsed.hasMatchedOption("--retry")
                    ? asking.post("/v1/outbox/retry", json)
                    : asking.get("/v1/outbox", json),
            "turnpike outbox",
            "turnpike outbox --retry");
    command.spec.addOption(
        Specs.flag("--retry", "Try everything again now, what was given up too."));
    return command;
  }
}
