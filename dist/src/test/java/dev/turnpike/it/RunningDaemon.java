package dev.turnpike.it;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.image.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * {@code turnpike daemon} as a process with a {@code TURNPIKE_HOME} of its own, which outlives it:
 * it can be killed and started again.
 */
final class RunningDaemon implements AutoCloseable {
  /** What an ordinary thing may take on a crowded machine. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path home;
  private final Map<String, String> environment;
  private Process process;

  /** The daemon itself, where {@link #process} is a program that watches it. */
  private boolean watched;

  private RunningDaemon(Path home, Map<String, String> environment, Process process) {
    this.home = home;
    this.environment = environment;
    this.process = process;
  }

  /** Returns when it answers. */
  static RunningDaemon start(Path home) throws IOException, InterruptedException {
    return start(home, Map.of());
  }

  static RunningDaemon start(Path home, Map<String, String> environment)
      throws IOException, InterruptedException {
    var daemon = launch(home, environment);
    daemon.awaitReady();
    return daemon;
  }

  /** Returns at once. */
  static RunningDaemon launch(Path home, Map<String, String> environment) throws IOException {
    return new RunningDaemon(home, environment, process(home, environment));
  }

  /**
   * Held by a service manager ({@code keeper.c}), which listens on the socket and starts it when
   * somebody calls. What is killed or terminated is the manager, and the daemon with it.
   *
   * @param descriptor on which the daemon gets the socket
   * @param program the daemon's; may be a link that leads elsewhere later
   */
  static RunningDaemon keptBy(
      Path keeper, int descriptor, Path program, Path home, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder = program(home, environment, List.of());
    Files.createDirectories(home);
    builder.command(
        keeper.toString(),
        Integer.toString(descriptor),
        home.resolve("turnpike.sock").toString(),
        program.toString(),
        "daemon");
    return new RunningDaemon(home, environment, started(builder, home));
  }

  /**
   * Starts it again after its end below another program, which it is an argument of, and returns at
   * once.
   */
  void relaunchUnder(List<String> watcher) throws IOException {
    requireEnded();
    process = process(home, environment, watcher);
    watched = true;
  }

  private static Process process(Path home, Map<String, String> environment) throws IOException {
    return process(home, environment, List.of());
  }

  private static Process process(Path home, Map<String, String> environment, List<String> watcher)
      throws IOException {
    ProcessBuilder builder = program(home, environment, List.of("daemon"));
    builder.command().addAll(0, watcher);
    return started(builder, home);
  }

  private static Process started(ProcessBuilder builder, Path home) throws IOException {
    return builder
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output(home).toFile()))
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .start();
  }

  private static ProcessBuilder program(
      Path home, Map<String, String> environment, Collection<String> arguments) throws IOException {
    Files.createDirectories(home.getParent());
    var command = new ArrayList<String>();
    command.add(Image.folder().resolve("bin/turnpike").toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH",
                "/usr/bin:/bin",
                "LANG",
                "C.UTF-8",
                "HOME",
                home.getParent().toString(),
                "JAVA_HOME",
                System.getProperty("java.home"),
                "TURNPIKE_HOME",
                home.toString(),
                // the tests' servers come with each call; what holds without this is SecurityIT's
                "TURNPIKE_DESTINATIONS",
                "all"));
    builder.environment().putAll(environment);
    return builder;
  }

  private static Path output(Path home) {
    return home.resolveSibling(home.getFileName() + ".out");
  }

  Path home() {
    return home;
  }

  long pid() {
    return process.pid();
  }

  /** The one that answers, whoever started it. */
  ProcessHandle serving() throws IOException {
    return ProcessHandle.of(status().path("pid").asLong())
        .orElseThrow(() -> new IOException("it ended after its answer"));
  }

  boolean alive() {
    return process.isAlive();
  }

  void awaitReady() throws InterruptedException {
    Await.until(
        "the daemon answers",
        PATIENCE,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("the daemon ended with " + process.exitValue() + "\n" + log());
          }
          return ready();
        });
  }

  /** Whether it answers now. */
  boolean ready() {
    return Files.exists(socket()) && answers();
  }

  private boolean answers() {
    try {
      return new DaemonSocket(socket()).ask("GET", "/v1/health").status() == 200;
    } catch (IOException e) {
      return false; // not yet
    }
  }

  /** SIGKILL; it is gone when this returns. */
  void kill() throws InterruptedException {
    endForcibly();
    awaitEnd();
  }

  /** A watcher ends by itself when what it watches has. */
  private void endForcibly() {
    List<ProcessHandle> below = watched ? process.descendants().toList() : List.of();
    if (below.isEmpty()) {
      process.destroyForcibly();
    } else {
      below.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** SIGTERM, and back at once. */
  void tellToStop() {
    process.destroy();
  }

  /** Whoever asks does not wait, and the daemon may be killed before it answers. */
  void askAndForget(String method, String target) {
    try {
      new DaemonSocket(socket()).ask(method, target);
    } catch (IOException e) {
      LoggerFactory.getLogger(RunningDaemon.class)
          .debug("no answer to {}: {}", target, e.toString());
    }
  }

  /** SIGTERM; returns its exit code when it has ended by itself. */
  int terminate() throws InterruptedException {
    process.destroy();
    int code = awaitEnd();
    if (log().contains("DaemonMain: did not stop in time")) {
      throw new AssertionError("the stop hung and was broken off\n" + log());
    }
    return code;
  }

  int awaitEnd() throws InterruptedException {
    return awaitEnd(PATIENCE);
  }

  private int awaitEnd(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("the daemon does not end\n" + log());
    }
    return process.exitValue();
  }

  /** Starts it again after its end and waits until it answers. */
  void restart() throws IOException, InterruptedException {
    relaunch();
    awaitReady();
  }

  /** Starts it again after its end and returns at once. */
  void relaunch() throws IOException {
    requireEnded();
    process = process(home, environment);
    watched = false;
  }

  private void requireEnded() {
    if (process.isAlive()) {
      throw new IllegalStateException("it still runs");
    }
  }

  Path socket() {
    return home.resolve("turnpike.sock");
  }

  JsonNode get(String target) throws IOException {
    return json("GET", target);
  }

  JsonNode post(String target) throws IOException {
    return json("POST", target);
  }

  JsonNode status() throws IOException {
    return get("/v1/status");
  }

  private JsonNode json(String method, String target) throws IOException {
    DaemonSocket.Answer answer = new DaemonSocket(socket()).ask(method, target);
    if (answer.status() >= 300) {
      throw new AssertionError(
          method + " " + target + " -> " + answer.status() + "\n" + answer.text());
    }
    return Fixture.JSON.readTree(answer.body());
  }

  /** Flushes until everything that can be told is told. */
  JsonNode flush() throws IOException {
    JsonNode report = post("/v1/flush?wait=60s");
    if (!report.path("complete").asBoolean()) {
      throw new AssertionError("the flush is not complete: " + report + "\n" + log());
    }
    return report;
  }

  record Said(int exit, String text) {
    JsonNode json() throws IOException {
      return Fixture.JSON.readTree(text);
    }
  }

  /** The command line, as this daemon's user would call it. */
  Said command(String... arguments) throws IOException, InterruptedException {
    return command(home, environment, arguments);
  }

  static Said command(Path home, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Process command = program(home, environment, List.of(arguments)).start();
    command.getOutputStream().close();
    String said = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!command.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      command.destroyForcibly();
      throw new AssertionError("turnpike " + String.join(" ", arguments) + " does not end");
    }
    return new Said(command.exitValue(), said);
  }

  /** What it printed and logged, for the message of a failed test. */
  String log() {
    var text = new StringBuilder();
    try (Stream<Path> logs =
        Files.isDirectory(home.resolve("log")) ? Files.list(home.resolve("log")) : Stream.empty()) {
      for (Path file : Stream.concat(Stream.of(output(home)), logs.sorted()).toList()) {
        if (Files.isRegularFile(file)) {
          List<String> lines = Files.readAllLines(file);
          text.append("--- ").append(file).append('\n');
          lines.stream()
              .skip(Math.max(0, lines.size() - 200))
              .forEach(line -> text.append(line).append('\n'));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** The environment of hook calls whose traces go to this server. */
  static Map<String, String> tracedTo(dev.turnpike.testing.FakeLangfuse server) {
    var variables = new HashMap<String, String>();
    variables.put("TRACE_TO_LANGFUSE", "true");
    variables.put("LANGFUSE_BASE_URL", server.url());
    variables.put("LANGFUSE_PUBLIC_KEY", server.publicKey());
    variables.put("LANGFUSE_SECRET_KEY", server.secretKey());
    return variables;
  }

  @Override
  public void close() {
    endForcibly();
    try {
      awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
