package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.HungUp;
import dev.turnpike.cli.SocketClient.Response;
import dev.turnpike.cli.SocketClient.Unreachable;
import dev.turnpike.gateway.api.ApiJson;
import dev.turnpike.gateway.api.ShutdownReport;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike stop}: an orderly stop, over when the daemon's process is gone. Nothing to stop
 * is no failure.
 */
final class StopCommand implements Command {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final CommandSpec spec =
      Specs.command(
          this,
          "stop",
          "Stop the daemon. What agents do meanwhile is kept by the hook client and traced later."
              + " Where no service is installed the next hook starts it again"
              + " (TURNPIKE_AUTOSTART).");
  private final Context context;

  StopCommand(Context context) {
    this.context = context;
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    try {
      var response = ask();
      if (response.status() >= 400) {
        return new Asking(context).print(response, false);
      }
      return await(ApiJson.read(response.body(), ShutdownReport.class).pid());
    } catch (Unreachable e) {
      context.say("The daemon is not running.\n");
      return Exit.OK;
    }
  }

  /** Once more where it hangs up: it is stopping already, and after that nobody listens. */
  private Response ask() throws IOException {
    try {
      return context.client().ask("POST", "/v1/shutdown", true, Asking.PATIENCE);
    } catch (HungUp e) {
      return context.client().ask("POST", "/v1/shutdown", true, Asking.PATIENCE);
    }
  }

  private int await(long pid) throws InterruptedException {
    var process = ProcessHandle.of(pid);
    try {
      if (process.isPresent() && pid != ProcessHandle.current().pid()) {
        process.get().onExit().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException e) {
      context.complain(
          "The daemon (pid "
              + pid
              + ") has not ended within "
              + PATIENCE.toSeconds()
              + " seconds.");
      return Exit.TIMED_OUT;
    } catch (ExecutionException e) {
      throw new IllegalStateException("waiting for a process failed", e);
    }
    context.say("The daemon has stopped.\n");
    return Exit.OK;
  }
}
