package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.HungUp;
import dev.turnpike.cli.SocketClient.TimedOut;
import dev.turnpike.cli.SocketClient.Unreachable;
import dev.turnpike.cli.setup.DaemonControl;
import dev.turnpike.gateway.api.ApiJson;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.StatusReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/** The daemon as the commands around installing see it; what other commands print is kept. */
final class DaemonHandle implements DaemonControl {
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long LOOK_AGAIN_MILLIS = 100;

  private final Context context;

  DaemonHandle(Context context) {
    this.context = context;
  }

  @Override
  public Optional<HealthReport> health() throws IOException {
    try {
      var response = context.client().ask("GET", "/v1/health", true, ANSWER);
      return Optional.of(ApiJson.read(response.body(), HealthReport.class));
    } catch (Unreachable | TimedOut | HungUp e) {
      return Optional.empty();
    }
  }

  /** Empty if no daemon answers in time. */
  Optional<StatusReport> status() throws IOException {
    try {
      var response = context.client().ask("GET", "/v1/status", true, Asking.PATIENCE);
      return Optional.of(ApiJson.read(response.body(), StatusReport.class));
    } catch (Unreachable | TimedOut | HungUp e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<String> start(Path program) throws IOException, InterruptedException {
    return quietly(List.of(program.toString()), StartCommand::new);
  }

  @Override
  public Optional<String> await() throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    var never = new CountDownLatch(1);
    Optional<HealthReport> last = Optional.empty();
    while (System.nanoTime() < end) {
      last = health();
      if (last.filter(HealthReport::ready).isPresent()) {
        return Optional.empty();
      }
      var _ = never.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
    return Optional.of(
        last.map(report -> String.join("; ", report.problems()))
            .orElse("it does not answer after " + PATIENCE.toSeconds() + " seconds"));
  }

  @Override
  public Optional<String> stop() throws IOException, InterruptedException {
    try {
      return quietly(context.launcher(), StopCommand::new);
    } catch (TimedOut | HungUp e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private interface Make {
    Command of(Context context);
  }

  /** What it said, if it failed. */
  private Optional<String> quietly(List<String> launcher, Make make)
      throws IOException, InterruptedException {
    var said = new StringWriter();
    var writer = new PrintWriter(said);
    var silent =
        new Context(
            context.paths(),
            context.environment(),
            context.directory(),
            context.version(),
            launcher,
            context.daemon(),
            List.of(),
            writer,
            writer,
            false);
    Command command = make.of(silent);
    int exit = command.run(new CommandLine(command.spec()).parseArgs());
    return exit == Exit.OK ? Optional.empty() : Optional.of(said.toString().strip());
  }
}
