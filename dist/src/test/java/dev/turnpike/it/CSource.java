package dev.turnpike.it;

import dev.turnpike.image.Image;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Compiles what tests need in C, below {@code dist/src/test/c}; the build has a compiler. */
final class CSource {
  private static final long LIMIT_SECONDS = 60;

  private CSource() {}

  /** A program. */
  static Path program(String name, Path folder) throws IOException, InterruptedException {
    return compiled(name, folder.resolve(name), List.of());
  }

  /** What can be preloaded into the Java in use: it is not musl's. */
  static Path library(String name, Path folder) throws IOException, InterruptedException {
    return compiled(name, folder.resolve(name + ".so"), List.of("-shared", "-fPIC"));
  }

  private static Path compiled(String name, Path to, List<String> options)
      throws IOException, InterruptedException {
    Path source = Image.project().resolve("dist/src/test/c").resolve(name + ".c");
    var command = new ArrayList<>(List.of("cc", "-std=c11", "-Wall", "-Wextra"));
    command.addAll(options);
    command.addAll(List.of("-o", to.toString(), source.toString(), "-ldl"));
    Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    compiler.getOutputStream().close();
    String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!compiler.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
      throw new IOException(command + ": " + said);
    }
    return to;
  }

  /** The environment of a daemon whose wall clock the file moves. */
  static Map<String, String> movedClock(Path library, Path file) {
    return Map.of("LD_PRELOAD", library.toString(), "MOVED_CLOCK", file.toString());
  }
}
