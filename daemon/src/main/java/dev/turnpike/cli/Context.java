package dev.turnpike.cli;

import dev.turnpike.platform.Paths;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The surroundings of a command.
 *
 * @param launcher program and arguments that start this program anew, without a command
 * @param further commands of others, each made with this context
 * @param terminal a person reads along
 */
public record Context(
    Paths paths,
    Map<String, String> environment,
    Path directory,
    String version,
    List<String> launcher,
    DaemonMain daemon,
    List<Function<Context, Command>> further,
    PrintWriter out,
    PrintWriter err,
    boolean terminal) {
  public Context {
    environment = Map.copyOf(environment);
    launcher = List.copyOf(launcher);
    further = List.copyOf(further);
  }

  /** For the process we are in. */
  public static Context current(
      Paths paths,
      String version,
      List<String> launcher,
      DaemonMain daemon,
      List<Function<Context, Command>> further) {
    return new Context(
        paths,
        System.getenv(),
        Path.of("").toAbsolutePath(),
        version,
        launcher,
        daemon,
        further,
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent());
  }

  SocketClient client() {
    return new SocketClient(paths.socket());
  }

  void say(String text) {
    out.print(text);
    out.flush();
  }

  void complain(String line) {
    err.println(line);
    err.flush();
  }
}
