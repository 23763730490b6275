package dev.turnpike.cli;

import dev.turnpike.platform.LogFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike logs}. Reads the file itself: a log is wanted most when the daemon is not there.
 */
final class LogsCommand implements Command {
  private static final long LOOK_AGAIN_MILLIS = 200;

  private final CommandSpec spec =
      Specs.command(this, "logs", "Show the end of the daemon's log.", "turnpike logs -f")
          .addOption(
              OptionSpec.builder("-f", "--follow")
                  .type(boolean.class)
                  .description("Go on showing what is added.")
                  .build())
          .addOption(Specs.count("-n|--lines", 100, "How many lines to begin with."));
  private final Context context;

  LogsCommand(Context context) {
    this.context = context;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    var file = LogFile.in(context.paths());
    boolean follow = parsed.hasMatchedOption("--follow");
    if (!follow && !Files.exists(file)) {
      context.complain("There is no log yet: " + file);
      return Exit.FAILED;
    }
    var log = new LogFile(file, Math.max(0, parsed.matchedOptionValue("--lines", 100)));
    var never = new CountDownLatch(1);
    for (var piece = log.read(); follow || piece.length > 0; piece = log.read()) {
      context.say(new String(piece, StandardCharsets.UTF_8));
      if (piece.length == 0) {
        never.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
    return Exit.OK;
  }
}
