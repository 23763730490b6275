package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.HungUp;
import dev.turnpike.cli.SocketClient.Response;
import dev.turnpike.cli.SocketClient.TimedOut;
import dev.turnpike.cli.SocketClient.Unreachable;
import dev.turnpike.platform.LogFile;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike start}: starts the daemon in the background unless one answers, and waits until
 * it takes events.
 */
final class StartCommand implements Command {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final long LOOK_AGAIN_MILLIS = 50;

  /**
   * The daemon must outlive the terminal it was started from: in a session of its own where there
   * is setsid, else deaf to what a terminal sends when it closes or is interrupted. What is ignored
   * stays ignored over exec.
   */
  private static final String DETACHED =
      "command -v setsid >/dev/null 2>&1 && exec setsid \"$@\"; trap '' HUP INT; exec \"$@\"";

  private final CommandSpec spec =
      Specs.command(this, "start", "Start the daemon in the background, unless it runs already.");
  private final Context context;

  StartCommand(Context context) {
    this.context = context;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    switch (look()) {
      case Look.Answered(var health) -> {
        return running(health, "is running already");
      }
      case Look.Silent() -> {
        // it is about to start, perhaps because we asked: a service manager holds the socket
        context.say("The daemon is starting ...");
        return await(Optional.empty());
      }
      case Look.Nobody() -> {
        Path output = output();
        return await(Optional.of(new Launched(launch(output), output)));
      }
    }
  }

  /**
   * Where what it says before its log goes. A log that cannot be written is no reason not to start.
   */
  private Path output() throws IOException {
    Path output = context.paths().log().resolve("daemon.out");
    try {
      PrivateFiles.createDirectory(context.paths().log());
      PrivateFiles.writeAtomically(output, new byte[0]);
      return output;
    } catch (IOException e) {
      context.complain("The log cannot be written: " + e);
      return Files.createTempFile("turnpike-", ".out", PrivateFiles.fileMode());
    }
  }

  private record Launched(Process process, Path output) {
    /** One that ends well has found another that starts: that is the one to wait for. */
    boolean failed() throws InterruptedException {
      return process.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS) && process.exitValue() != 0;
    }
  }

  private Process launch(Path output) throws IOException {
    var command = new ArrayList<>(List.of("/bin/sh", "-c", DETACHED, "turnpike"));
    command.addAll(context.launcher());
    command.add("daemon");
    context.say("Starting the daemon ...");
    return new ProcessBuilder(command)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(output.toFile())
        .redirectErrorStream(true)
        .start();
  }

  private int await(Optional<Launched> launched) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    var never = new CountDownLatch(1);
    Look look = new Look.Nobody();
    while (System.nanoTime() < end) {
      boolean failed = launched.isPresent() && launched.get().failed();
      var _ = never.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      look = look();
      if (look instanceof Look.Answered(var health) && health.status() == 200) {
        context.say(" done.\n");
        return running(health, "is running");
      }
      if (failed && look instanceof Look.Nobody) {
        return failed(launched.get());
      }
    }
    context.say("\n");
    context.complain("The daemon is not ready after " + PATIENCE.toSeconds() + " seconds.");
    if (look instanceof Look.Answered(var health)) {
      context.complain(health.text().stripTrailing());
    }
    context.complain("Its log: " + LogFile.in(context.paths()));
    return Exit.TIMED_OUT;
  }

  private int failed(Launched launched) throws IOException {
    context.say(" failed.\n");
    context.complain("The daemon ended with code " + launched.process().exitValue() + ". It said:");
    context.complain(
        new String(new LogFile(launched.output(), 20).read(), StandardCharsets.UTF_8)
            .stripTrailing());
    context.complain("Its log: " + LogFile.in(context.paths()));
    return Exit.FAILED;
  }

  private int running(Response health, String how) {
    context.say(
        "The daemon %s (version %s). Its log: %s%n"
            .formatted(how, health.version(), LogFile.in(context.paths())));
    if (health.status() != 200) {
      context.complain(health.text().stripTrailing());
      return Exit.FAILED;
    }
    return Exit.OK;
  }

  /** What comes of a question. */
  private sealed interface Look {
    record Answered(Response health) implements Look {}

    /** Somebody listens and does not answer yet. */
    record Silent() implements Look {}

    record Nobody() implements Look {}
  }

  private Look look() throws IOException {
    try {
      return new Look.Answered(context.client().ask("GET", "/v1/health", false, ANSWER));
    } catch (Unreachable e) {
      return new Look.Nobody();
    } catch (TimedOut | HungUp e) {
      return new Look.Silent();
    }
  }
}
