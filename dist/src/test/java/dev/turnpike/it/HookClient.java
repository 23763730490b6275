package dev.turnpike.it;

import dev.turnpike.image.Image;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Calls {@code bin/turnpike-hook} as an agent does, and holds it to its promise: silent, exit 0.
 */
final class HookClient {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path turnpikeHome;

  HookClient(Path turnpikeHome) {
    this.turnpikeHome = turnpikeHome;
  }

  void call(String agent, byte[] payload, Map<String, String> environment, Path cwd)
      throws IOException, InterruptedException {
    Files.createDirectories(cwd);
    var builder =
        new ProcessBuilder(Image.folder().resolve("bin/turnpike-hook").toString(), agent)
            .directory(cwd.toFile())
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("LANG", "C.UTF-8");
    builder.environment().putAll(environment);
    builder.environment().put("TURNPIKE_HOME", turnpikeHome.toString());
    builder.environment().putIfAbsent("TURNPIKE_AUTOSTART", "false");
    Process process = builder.start();
    try (var in = process.getOutputStream()) {
      in.write(payload);
    } catch (IOException e) {
      // It need not read all of a payload that is too long; what it did is judged below.
      throwUnlessBrokenPipe(e);
    }
    byte[] said = process.getInputStream().readAllBytes();
    if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the hook client does not end");
    }
    if (process.exitValue() != 0 || said.length > 0) {
      throw new AssertionError(
          "the hook client ended with %d and said: %s"
              .formatted(process.exitValue(), new String(said, StandardCharsets.UTF_8)));
    }
  }

  private static void throwUnlessBrokenPipe(IOException e) throws IOException {
    if (!String.valueOf(e.getMessage()).contains("Broken pipe")) {
      throw e;
    }
  }

  /** How many requests wait for a daemon. */
  long spooled() throws IOException {
    Path spool = turnpikeHome.resolve("state/spool");
    if (!Files.isDirectory(spool)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(spool)) {
      return files.filter(file -> file.toString().endsWith(".evt")).count();
    }
  }
}
