package dev.turnpike;

import dev.turnpike.cli.Cli;
import dev.turnpike.cli.Context;
import dev.turnpike.cli.SetupCommands;
import dev.turnpike.daemon.DaemonMain;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.Version;
import java.util.List;

/** The program {@code turnpike}: the daemon and the command line. */
public final class Turnpike {
  /** Set by {@code bin/turnpike}: the image it runs from. */
  private static final String IMAGE = "turnpike.image";

  private Turnpike() {}

  public static void main(String[] args) {
    var context =
        Context.current(
            Paths.current(),
            Version.current(),
            launcher(),
            () -> DaemonMain.run(System.getenv(), Agents.all(), System.err),
            SetupCommands.all(Agents.all(), System.getProperty(IMAGE, "")));
    System.exit(Cli.run(args, context));
  }

  /** What starts this program anew; without an image (in a test) the name on the PATH. */
  private static List<String> launcher() {
    String image = System.getProperty(IMAGE, "");
    return List.of(image.isEmpty() ? "turnpike" : image + "/bin/turnpike");
  }
}
