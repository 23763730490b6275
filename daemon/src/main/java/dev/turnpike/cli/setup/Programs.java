package dev.turnpike.cli.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the system's programs (systemctl, launchctl); tests put their own in its place. */
@FunctionalInterface
public interface Programs {
  /**
   * @param output both streams together, the first 64 KiB
   */
  record Ran(int exit, String output) {
    public boolean well() {
      return exit == 0;
    }
  }

  /** Not found, or not over in time. */
  int NOT_RUN = 127;

  Ran run(List<String> command) throws InterruptedException;

  /** For the machine we are on; nothing may take longer than {@code limit}. */
  static Programs real(Duration limit) {
    return command -> run(command, limit);
  }

  private static Ran run(List<String> command, Duration limit) throws InterruptedException {
    try {
      // to a file, not a pipe: a program that leaves something behind would keep a pipe open
      Path output = Files.createTempFile("turnpike", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          return new Ran(NOT_RUN, "no answer within " + limit.toSeconds() + " s");
        }
        return new Ran(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      return new Ran(NOT_RUN, String.valueOf(e.getMessage()));
    }
  }
}
