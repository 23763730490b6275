package dev.turnpike.cli;

import dev.turnpike.platform.Durations;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code turnpike flush}: for the end of a CI job, and before a laptop is closed. */
final class FlushCommand implements Command {
  private static final String USUALLY = "30s";

  private final CommandSpec spec =
      Specs.command(
              this,
              "flush",
              "Close every turn that is certainly over and send everything that waits.",
              "turnpike flush --wait 2m || echo 'not everything is out yet'")
          .addOption(
              OptionSpec.builder("--wait")
                  .type(String.class)
                  .arity("0..1")
                  .paramLabel("TIME")
                  .fallbackValue(USUALLY)
                  .defaultValue(USUALLY)
                  .description("How long to wait: 500ms, 30s, 2m; 30s if nothing is said.")
                  .build())
          .addOption(Specs.json());
  private final Asking asking;
  private final Context context;

  FlushCommand(Context context) {
    this.context = context;
    this.asking = new Asking(context);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException {
    String text = parsed.matchedOptionValue("--wait", USUALLY);
    var wait =
        Durations.parse(text)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(), "--wait is a time such as 30s, not '" + text + "'"));
    boolean json = parsed.hasMatchedOption("--json");
    var patience = wait.plus(Duration.ofSeconds(5));
    var target = "/v1/flush?wait=" + wait.toMillis() + "ms";
    var response = context.client().ask("POST", target, json, patience);
    int exit = asking.print(response, json);
    return response.status() == 202 ? Exit.TIMED_OUT : exit;
  }
}
