package dev.turnpike.cli;

import dev.turnpike.cli.setup.LinkedRuntime;
import dev.turnpike.cli.setup.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Has the installed image get its own Java ({@link LinkedRuntime}) and its AOT cache (JEP 514),
 * which make the daemon start faster. The cache is made by running a daemon on this very machine
 * and Java, so it cannot be shipped; without either all goes on as before. The work is {@code
 * turnpike train}, in the background.
 */
final class Training {
  static final String CACHE = "turnpike.aot";

  private static final String BACKGROUND =
      "command -v nice >/dev/null 2>&1 && set -- nice -n 19 \"$@\"; command -v setsid >/dev/null"
          + " 2>&1 && exec setsid \"$@\"; trap '' HUP INT; exec \"$@\"";

  private final Context context;
  private final Surroundings world;

  Training(Context context, Surroundings world) {
    this.context = context;
    this.world = world;
  }

  /**
   * Not in a home of one's own: those are for tests and trials, where seconds of work are noise.
   */
  boolean wanted() throws IOException {
    Path app = world.places().app();
    if (world.places().own() || !Files.isDirectory(app)) {
      return false;
    }
    Path image = app.toRealPath();
    return Files.notExists(image.resolve(CACHE))
        || new LinkedRuntime(image, world.javaHome()).wanted();
  }

  void begin() throws IOException {
    var builder =
        new ProcessBuilder(
                List.of(
                    "/bin/sh",
                    "-c",
                    BACKGROUND,
                    "turnpike",
                    world.places().daemonProgram().toString(),
                    "train",
                    "--jdk",
                    world.javaHome().toString()))
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(context.environment());
    var _ = builder.start();
  }
}
