package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.Response;
import dev.turnpike.cli.demo.Replay;
import dev.turnpike.cli.setup.Places;
import dev.turnpike.cli.setup.Surroundings;
import dev.turnpike.gateway.api.ApiJson;
import dev.turnpike.gateway.api.TraceList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike demo}: a recorded session through the real hook client, and what became of it.
 */
public final class DemoCommand implements Command {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long LOOK_AGAIN_MILLIS = 200;

  private final CommandSpec spec =
      Specs.command(
              this,
              "demo",
              "Replay a recorded Claude Code session through the hook client and the daemon, and"
                  + " show the trace. It is tagged `demo`; with Langfuse keys it is sent like any"
                  + " other.",
              "turnpike demo")
          .addOption(Specs.flag("--json", "Print the trace as JSON."));
  private final Context context;
  private final Function<Context, Surroundings> surroundings;

  public DemoCommand(Context context, Function<Context, Surroundings> surroundings) {
    this.context = context;
    this.surroundings = surroundings;
    spec.usageMessage().hidden(true);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    boolean json = parsed.hasMatchedOption("--json");
    var world = surroundings.apply(context);
    Path image =
        world
            .image()
            .orElseThrow(() -> new IOException("the recording lies in an image: run bin/turnpike"));
    // says that the daemon does not run, before anything is written
    context.client().ask("GET", "/v1/health", false, Asking.PATIENCE);
    try (var replay =
        Replay.prepare(
            image.resolve("share/demo/claude-code"),
            world.paths().state().resolve("demo"),
            new SecureRandom(),
            world.clock().instant())) {
      Path installed = world.places().hookProgram();
      Path hook =
          Files.isExecutable(installed) ? installed : image.resolve("bin").resolve(Places.HOOK);
      if (!json) {
        context.say("A recorded Claude Code session goes through %s ...%n".formatted(hook));
      }
      var played = replay.play(hook, context.environment());
      if (!json) {
        context.say(
            "%d hooks, %s each (median). What the daemon made of them:%n%n"
                .formatted(played.hooks().size(), millis(median(played.hooks()))));
      }
      return show(trace(played.session()), world, json);
    }
  }

  /** The trace of the session, once it is there and, if it has somewhere to go, was sent. */
  private Optional<TraceList.TraceSummary> trace(String session)
      throws IOException, InterruptedException {
    context
        .client()
        .ask("POST", "/v1/flush?wait=" + PATIENCE.toMillis() + "ms", true, PATIENCE.plusSeconds(5));
    long end = System.nanoTime() + PATIENCE.toNanos();
    var never = new CountDownLatch(1);
    boolean late = false;
    while (true) {
      var response =
          context
              .client()
              .ask(
                  "GET",
                  "/v1/traces/local?limit=1&session=" + Asking.encoded(session),
                  true,
                  Asking.PATIENCE);
      List<TraceList.TraceSummary> traces = ApiJson.read(response.body(), TraceList.class).traces();
      if (!traces.isEmpty() || late) {
        return traces.stream().findFirst();
      }
      late = never.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() > end;
    }
  }

  private int show(Optional<TraceList.TraceSummary> trace, Surroundings world, boolean json)
      throws IOException {
    if (trace.isEmpty()) {
      context.complain(
          "No trace came of it within %d seconds. See: turnpike status, turnpike logs"
              .formatted(PATIENCE.toSeconds()));
      return Exit.TIMED_OUT;
    }
    Response shown =
        context.client().ask("GET", "/v1/traces/local/" + trace.get().id(), json, Asking.PATIENCE);
    int exit = new Asking(context).print(shown, json);
    boolean onlyHere =
        trace.get().wentTo().stream().allMatch(place -> place.state().equals("kept"));
    if (exit == Exit.OK && onlyHere && !json) {
      context.say(keys(world.paths().config()));
    }
    return exit;
  }

  private static String keys(Path settings) {
    return """

    No Langfuse keys are set, so traces stay on this machine: turnpike traces, turnpike show ID.
    To have them sent, %s %s and set
      LANGFUSE_PUBLIC_KEY=pk-lf-...
      LANGFUSE_SECRET_KEY=sk-lf-...
      LANGFUSE_BASE_URL=https://cloud.langfuse.com
    It counts at once. What was kept until then can follow: turnpike send
    """
        .formatted(Files.exists(settings) ? "open" : "create", settings);
  }

  private static Duration median(List<Duration> durations) {
    List<Duration> sorted = durations.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static String millis(Duration duration) {
    return "%.1f ms".formatted(duration.toNanos() / 1e6);
  }
}
