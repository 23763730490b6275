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

  private static final List<String> DAEMON = List.of("daemon");

  private Turnpike() {}

  public static void main(String[] args) {
    System.exit(List.of(args).equals(DAEMON) ? daemon() : commandLine(args));
  }

  private static int commandLine(String[] args) {
    var context =
        Context.current(
            Paths.current(),
            Version.current(),
            launcher(),
            Turnpike::daemon,
            SetupCommands.all(Agents.all(), System.getProperty(IMAGE, "")));
    return Cli.run(args, context);
  }

  /**
   * Past the command line, whose parser and commands would stay in the daemon's memory for its life
   * and are a tenth of its start.
   */
  private static int daemon() {
    try {
      return DaemonMain.run(System.getenv(), Agents.all(), System.err);
    } catch (RuntimeException e) {
      System.err.println("This is a bug in turnpike: " + e);
      e.printStackTrace(System.err);
      return 1;
    }
  }

  /** What starts this program anew; without an image (in a test) the name on the PATH. */
  private static List<String> launcher() {
    String image = System.getProperty(IMAGE, "");
    return List.of(image.isEmpty() ? "turnpike" : image + "/bin/turnpike");
  }
}
