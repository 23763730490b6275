package dev.turnpike.cli;

import dev.turnpike.cli.SocketClient.TimedOut;
import dev.turnpike.cli.SocketClient.Unreachable;
import dev.turnpike.cli.demo.Replay;
import dev.turnpike.cli.setup.LinkedRuntime;
import dev.turnpike.cli.setup.Surroundings;
import dev.turnpike.cli.setup.Trees;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike train}, started by install: links the image's own Java, runs a daemon in a home
 * of its own, lets it trace the recorded session twice, and has the JVM write what it learned when
 * it ends. The cache appears under its final name only when it is whole.
 */
public final class TrainCommand implements Command {
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration WRITING = Duration.ofMinutes(3);
  private static final long LOOK_AGAIN_MILLIS = 100;
  private static final int SESSIONS = 2;
  private static final String JDK = "--jdk";

  private final CommandSpec spec =
      Specs.command(
          this,
          "train",
          "Prepare a faster start of the daemon for this machine and Java. install does it in the"
              + " background.");
  private final Context context;
  private final Function<Context, Surroundings> surroundings;

  public TrainCommand(Context context, Function<Context, Surroundings> surroundings) {
    this.context = context;
    this.surroundings = surroundings;
    spec.addOption(
            Specs.value(
                JDK, "FOLDER", "", "The JDK to link a runtime from; otherwise the Java in use."))
        .usageMessage()
        .hidden(true);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException, InterruptedException {
    var world = surroundings.apply(context);
    Path image =
        world
            .image()
            .orElseThrow(() -> new IOException("only an image can be trained: run bin/turnpike"));
    // short, because of the socket's path
    Path home = Files.createTempDirectory("tp-train");
    // not in the image, which may be replaced meanwhile
    Path written = home.resolve(Training.CACHE);
    try {
      link(image, Path.of(parsed.matchedOptionValue(JDK, world.javaHome().toString())), home);
      if (!train(image, home, written) || Files.notExists(written)) {
        context.complain("This Java wrote no cache. The daemon runs without it.");
        return Exit.FAILED;
      }
      Path unfinished = image.resolve(Training.CACHE + ".new");
      Files.copy(written, unfinished, StandardCopyOption.REPLACE_EXISTING);
      Files.move(unfinished, image.resolve(Training.CACHE), StandardCopyOption.ATOMIC_MOVE);
      context.say("Wrote " + image.resolve(Training.CACHE) + "\n");
      return Exit.OK;
    } finally {
      Trees.remove(home);
    }
  }

  /** A JDK that cannot link is no reason not to train: the daemon runs on it as it is. */
  private void link(Path image, Path jdk, Path home) throws IOException, InterruptedException {
    var runtime = new LinkedRuntime(image, jdk);
    if (runtime.wanted()) {
      boolean made = runtime.link(home.resolve("jlink"));
      context.say(
          made
              ? "Linked " + image.resolve("runtime") + "\n"
              : "This JDK links no runtime. The daemon runs on the JDK.\n");
    }
  }

  private boolean train(Path image, Path home, Path cache)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(context.environment());
    environment
        .keySet()
        .removeIf(name -> name.startsWith("TURNPIKE_") || name.contains("LANGFUSE"));
    environment.put("TURNPIKE_HOME", home.toString());
    environment.put("TURNPIKE_AUTOSTART", "false");
    environment.put("TURNPIKE_AOT", home.resolve("none").toString());
    environment.put("TURNPIKE_JAVA_OPTS", "-XX:AOTCacheOutput=" + cache);
    PrivateFiles.createDirectory(home.resolve("state"));
    var builder =
        new ProcessBuilder(image.resolve("bin/turnpike").toString(), "daemon")
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("out").toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process daemon = builder.start();
    try {
      var client = new SocketClient(home.resolve("turnpike.sock"));
      if (!answers(client, daemon)) {
        return false;
      }
      for (int i = 0; i < SESSIONS; i++) {
        play(image, home, environment);
        client.ask("POST", "/v1/flush?wait=10s", true, Duration.ofSeconds(15));
        client.ask("GET", "/v1/status", false, Asking.PATIENCE);
        client.ask("GET", "/v1/traces/local", false, Asking.PATIENCE);
      }
      client.ask("POST", "/v1/shutdown", true, Asking.PATIENCE);
      return daemon.waitFor(WRITING.toSeconds(), TimeUnit.SECONDS);
    } finally {
      daemon.descendants().forEach(ProcessHandle::destroyForcibly);
      daemon.destroyForcibly();
    }
  }

  private static void play(Path image, Path home, Map<String, String> environment)
      throws IOException, InterruptedException {
    try (var replay =
        Replay.prepare(
            image.resolve("share/demo/claude-code"),
            home.resolve("state/demo"),
            new SecureRandom(),
            InstantSource.system().instant())) {
      var _ = replay.play(image.resolve("bin/turnpike-hook"), environment);
    }
  }

  private static boolean answers(SocketClient client, Process daemon)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < end) {
      if (daemon.waitFor(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
      if (healthy(client)) {
        return true;
      }
    }
    return false;
  }

  private static boolean healthy(SocketClient client) throws IOException {
    try {
      return client.ask("GET", "/v1/health", false, Asking.PATIENCE).status() == 200;
    } catch (Unreachable | TimedOut e) {
      return false;
    }
  }
}
