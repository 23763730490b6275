package dev.turnpike.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs the built client with an environment of its own, below a directory of its own. */
final class Client {

  /** What an agent sees of its hook. */
  record Result(int exitCode, String output, String error) {}

  private static final long DEADLINE_SECONDS = 10;

  private final Path program;
  private final Path home;
  private final Map<String, String> environment = new HashMap<>();

  Client(Path program, Path home) {
    this.program = program;
    this.home = home;
    environment.put("TURNPIKE_HOME", home.toString());
    environment.put("PATH", "/usr/bin:/bin");
  }

  /** The released program, and the one with sanitizers where the compiler could build it. */
  static List<Path> programs() {
    Path directory = Path.of(Objects.requireNonNull(System.getProperty("hook.directory")));
    return Stream.of("turnpike-hook", "turnpike-hook-asan")
        .map(directory::resolve)
        .filter(Files::exists)
        .toList();
  }

  Client with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Client without(String name) {
    environment.remove(name);
    return this;
  }

  Path home() {
    return home;
  }

  Path socket() {
    return home.resolve("turnpike.sock");
  }

  Path spool() {
    return home.resolve("state/spool");
  }

  List<Path> spooled() throws IOException {
    if (!Files.isDirectory(spool())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(spool())) {
      return files.filter(file -> file.toString().endsWith(".evt")).sorted().toList();
    }
  }

  Request onlySpooled() throws IOException {
    List<Path> files = spooled();
    if (files.size() != 1) {
      throw new AssertionError("spooled: " + files);
    }
    return new Request(Files.readAllBytes(files.getFirst()));
  }

  Result run(String body, String... arguments) throws IOException, InterruptedException {
    return run(body.getBytes(ISO_8859_1), arguments);
  }

  Result run(byte[] body, String... arguments) throws IOException, InterruptedException {
    Running running = start(arguments);
    try (OutputStream stdin = running.process().getOutputStream()) {
      stdin.write(body);
    }
    return running.result();
  }

  /** Writes the body and leaves stdin open until the client has gone. */
  Result runWithOpenStdin(String body, String... arguments)
      throws IOException, InterruptedException {
    Running running = start(arguments);
    OutputStream stdin = running.process().getOutputStream();
    stdin.write(body.getBytes(ISO_8859_1));
    stdin.flush();
    return running.result();
  }

  /**
   * Runs a shell script in which {@code $HOOK} is the client; a place for bytes Java cannot pass.
   */
  Result runScript(String script) throws IOException, InterruptedException {
    environment.put("HOOK", program.toString());
    Running running = launch(List.of("/bin/sh", "-c", script));
    running.process().getOutputStream().close();
    return running.result();
  }

  Running start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    return launch(command);
  }

  private Running launch(List<String> command) throws IOException {
    Path output = Files.createTempFile(home, "stdout", "");
    Path error = Files.createTempFile(home, "stderr", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectOutput(output.toFile())
            .redirectError(error.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return new Running(builder.start(), output, error);
  }

  record Running(Process process, Path output, Path error) {

    Result result() throws IOException, InterruptedException {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the client did not end");
      }
      return new Result(
          process.exitValue(),
          Files.readString(output, ISO_8859_1),
          Files.readString(error, ISO_8859_1));
    }
  }
}
