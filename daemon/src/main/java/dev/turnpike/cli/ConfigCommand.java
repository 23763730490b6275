package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.Unreachable;
import dev.turnpike.config.Config;
import dev.turnpike.config.Explained;
import dev.turnpike.config.Setting;
import dev.turnpike.gateway.api.ApiJson;
import dev.turnpike.gateway.api.ErrorReport;
import dev.turnpike.gateway.api.Report;
import dev.turnpike.gateway.api.SettingsReport;
import dev.turnpike.gateway.api.text.ReportText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike config}: what holds here and where it comes from. The daemon is asked, since it
 * has an environment of its own.
 */
final class ConfigCommand implements Command {
  private final CommandSpec spec =
      Specs.command(
              this,
              "config",
              "List the settings that hold in this directory.",
              "turnpike config explain LANGFUSE_BASE_URL",
              "turnpike config set LANGFUSE_PUBLIC_KEY pk-lf-...",
              "turnpike config set TRACE_TO_LANGFUSE false --project ~/projects/secret")
          .addOption(Specs.json());
  private final Context context;

  ConfigCommand(Context context) {
    this.context = context;
    spec.addSubcommand("explain", new Explain().explainSpec);
    for (var command :
        new Command[] {new EditCommand(context, true), new EditCommand(context, false)}) {
      spec.addSubcommand(command.spec().name(), command.spec());
    }
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException {
    return explain(Optional.empty(), parsed.hasMatchedOption("--json"));
  }

  private int explain(Optional<String> key, boolean json) throws IOException {
    var cwd = "cwd=" + Asking.encoded(context.directory().toString());
    var target =
        "/v1/config/explain?" + key.map(k -> "key=" + Asking.encoded(k) + "&").orElse("") + cwd;
    try {
      return new Asking(context).get(target, json);
    } catch (Unreachable e) {
      context.complain(
          "(The daemon is not running: this is what it would see if started from here.)");
      return explainHere(key, json);
    }
  }

  private int explainHere(Optional<String> key, boolean json) {
    var setting = key.flatMap(Setting::named);
    if (key.isPresent() && setting.isEmpty()) {
      print(
          ErrorReport.of("unknown_setting", "There is no setting " + key.get() + "."), json, true);
      return Exit.FAILED;
    }
    var config = Config.of(context.paths(), context.environment());
    var rows =
        config.explain(context.directory().toString(), Map.of()).values().stream()
            .filter(one -> setting.isEmpty() || one.setting() == setting.get())
            .map(ConfigCommand::row)
            .toList();
    print(new SettingsReport(rows, config.warnings()), json, false);
    return Exit.OK;
  }

  private static SettingsReport.Row row(Explained explained) {
    return new SettingsReport.Row(
        explained.setting().name(),
        explained.shown().isEmpty() ? null : explained.shown(),
        explained.source(),
        explained.setting().sentence(),
        explained.candidates().stream()
            .filter(candidate -> !candidate.used() && !candidate.shown().isEmpty())
            .map(
                candidate ->
                    new SettingsReport.Overridden(
                        candidate.shown(),
                        candidate.source()
                            + candidate.problem().map(p -> " (" + p + ")").orElse("")))
            .toList());
  }

  private void print(Report report, boolean json, boolean error) {
    var text =
        json
            ? new String(ApiJson.write(report), StandardCharsets.UTF_8)
            : ReportText.of(report, ZoneId.systemDefault());
    if (error && !json) {
      context.complain(text.stripTrailing());
    } else {
      context.say(text);
    }
  }

  private final class Explain implements Command {
    private final CommandSpec explainSpec =
        Specs.command(
                this,
                "explain",
                "Show what a setting does, its value here, where it comes from and what it hides.",
                "turnpike config explain LANGFUSE_BASE_URL")
            .addPositional(Specs.argument(0, "KEY", "Name of the setting."))
            .addOption(Specs.json());

    @Override
    public CommandSpec spec() {
      return explainSpec;
    }

    @Override
    public int run(ParseResult parsed) throws IOException {
      return explain(
          Optional.of(parsed.matchedPositionalValue(0, "")), parsed.hasMatchedOption("--json"));
    }
  }
}
