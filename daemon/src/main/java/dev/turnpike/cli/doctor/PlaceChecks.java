package dev.turnpike.cli.doctor;

import dev.turnpike.cli.setup.Surroundings;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Directories, the socket, and what waits in the spool. */
final class PlaceChecks {
  private static final long SPOOL_BACKLOG = 100;

  private final Surroundings world;
  private final Paths paths;

  PlaceChecks(Surroundings world) {
    this.world = world;
    this.paths = world.paths();
  }

  List<Finding> all(boolean daemonRuns) throws IOException {
    var found = new ArrayList<Finding>();
    found.add(directory("state", paths.state()));
    found.add(socket(daemonRuns));
    found.add(spool(daemonRuns));
    return found;
  }

  private static Finding directory(String area, Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return Finding.ok(area, directory + " (made when the daemon starts)");
    }
    Optional<String> problem = PrivateFiles.problem(directory);
    return problem
        .map(text -> Finding.problem(area, text, "the daemon does not start until this is changed"))
        .orElseGet(() -> Finding.ok(area, directory + ", yours alone"));
  }

  private Finding socket(boolean daemonRuns) throws IOException {
    Optional<String> tooLong = paths.socketProblem(world.os());
    if (tooLong.isPresent()) {
      return Finding.problem("socket", tooLong.get(), "then run: turnpike install");
    }
    Path socket = paths.socket();
    if (!Files.exists(socket)) {
      return daemonRuns
          ? Finding.problem(
              "socket",
              socket + " is gone",
              "a daemon makes its own again within seconds; if a service holds it: turnpike"
                  + " install")
          : Finding.ok("socket", socket + " (made when the daemon starts)");
    }
    Optional<String> open = PrivateFiles.problem(socket);
    if (open.isPresent()) {
      return Finding.problem("socket", open.get(), "then run: turnpike restart");
    }
    Path folder = socket.getParent();
    Optional<String> around = folder == null ? Optional.empty() : PrivateFiles.problem(folder);
    return around
        .map(text -> Finding.warning("socket", text, "the socket itself is yours alone"))
        .orElseGet(() -> Finding.ok("socket", socket + ", yours alone"));
  }

  private Finding spool(boolean daemonRuns) throws IOException {
    Path spool = paths.spool();
    if (!Files.isDirectory(spool)) {
      return Finding.ok("spool", "empty");
    }
    long waiting;
    try (Stream<Path> files = Files.list(spool)) {
      waiting = files.filter(file -> file.toString().endsWith(".evt")).count();
    }
    Path dropped = spool.resolve("dropped");
    if (Files.isRegularFile(dropped) && Files.size(dropped) > 0) {
      return Finding.warning(
          "spool",
          "hooks were lost because it was full or could not be written: " + dropped,
          "keep the daemon running (turnpike start); then remove that file");
    }
    if (waiting == 0) {
      return Finding.ok("spool", "empty");
    }
    String text = "%d hooks wait in %s".formatted(waiting, spool);
    return daemonRuns && waiting < SPOOL_BACKLOG
        ? Finding.ok("spool", text)
        : Finding.warning(
            "spool",
            text,
            daemonRuns ? "see: turnpike logs" : "run: turnpike start; nothing is lost");
  }
}
