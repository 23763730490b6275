package dev.turnpike.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.cli.doctor.Examination;
import dev.turnpike.cli.doctor.Finding;
import dev.turnpike.cli.doctor.Finding.Level;
import dev.turnpike.cli.setup.Surroundings;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code turnpike doctor}: is everything as it should be, and if not, what to do. */
public final class DoctorCommand implements Command {
  private final CommandSpec spec =
      Specs.command(
              this,
              "doctor",
              "Check everything from the Java in use to the server's answer, with the daemon up or"
                  + " down, and say what to do. Exits with 1 if there is a problem.",
              "turnpike doctor")
          .addOption(Specs.flag("--json", "Print the findings as JSON."));
  private final Context context;
  private final Function<Context, Surroundings> surroundings;

  public DoctorCommand(Context context, Function<Context, Surroundings> surroundings) {
    this.context = context;
    this.surroundings = surroundings;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    var daemon = new DaemonHandle(context);
    List<Finding> findings =
        new Examination(surroundings.apply(context), context.version())
            .findings(context.directory(), daemon.health(), daemon.status());
    long problems = count(findings, Level.PROBLEM);
    if (parsed.hasMatchedOption("--json")) {
      context.say(json(findings, problems == 0) + "\n");
    } else {
      findings.forEach(this::print);
      context.say(
          "%n%s%n"
              .formatted(
                  problems == 0 && count(findings, Level.WARNING) == 0
                      ? "All is well."
                      : "%s, %s."
                          .formatted(
                              number(problems, "problem"),
                              number(count(findings, Level.WARNING), "warning"))));
    }
    return problems == 0 ? Exit.OK : Exit.FAILED;
  }

  private static String number(long count, String word) {
    return "%d %s%s".formatted(count, word, count == 1 ? "" : "s");
  }

  private void print(Finding finding) {
    context.say("%-8s %-12s %s%n".formatted(word(finding.level()), finding.area(), finding.text()));
    if (!finding.advice().isEmpty()) {
      context.say("%-21s -> %s%n".formatted("", finding.advice()));
    }
  }

  private static String json(List<Finding> findings, boolean ok) throws IOException {
    var mapper = new ObjectMapper();
    var report = mapper.createObjectNode().put("ok", ok);
    var all = report.putArray("findings");
    for (Finding finding : findings) {
      all.addObject()
          .put("level", word(finding.level()).toLowerCase(Locale.ROOT))
          .put("area", finding.area())
          .put("text", finding.text())
          .put("advice", finding.advice());
    }
    return mapper.writeValueAsString(report);
  }

  private static String word(Level level) {
    return switch (level) {
      case OK -> "ok";
      case WARNING -> "warning";
      case PROBLEM -> "PROBLEM";
    };
  }

  private static long count(List<Finding> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }
}
