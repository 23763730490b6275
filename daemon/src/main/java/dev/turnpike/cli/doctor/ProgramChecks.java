package dev.turnpike.cli.doctor;

import dev.turnpike.cli.setup.Places;
import dev.turnpike.cli.setup.Programs;
import dev.turnpike.cli.setup.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Java, the installed programs, and whether a shell finds them. */
final class ProgramChecks {
  private static final int LEAST_JAVA = 25;

  private final Surroundings world;
  private final Places places;
  private final String version;

  ProgramChecks(Surroundings world, String version) {
    this.world = world;
    this.places = world.places();
    this.version = version;
  }

  List<Finding> all() throws IOException, InterruptedException {
    return List.of(runtime(), installed(), client(), path());
  }

  private Finding runtime() {
    int major = Runtime.version().feature();
    String text = "Java %s in %s".formatted(Runtime.version(), world.javaHome());
    return major >= LEAST_JAVA
        ? Finding.ok("runtime", text)
        : Finding.problem("runtime", text + " is too old", "install a JDK 25 or newer");
  }

  private Finding installed() {
    if (!Files.isExecutable(places.daemonProgram())) {
      return Finding.warning(
          "program", "not installed in " + places.app(), "run: turnpike install");
    }
    return Finding.ok("program", "turnpike %s in %s".formatted(version, places.app()));
  }

  private Finding client() throws InterruptedException {
    Path client =
        Files.exists(places.hookProgram())
            ? places.hookProgram()
            : world
                .image()
                .map(image -> image.resolve("bin/" + Places.HOOK))
                .orElse(places.hookProgram());
    if (!Files.exists(client)) {
      return Finding.problem(
          "client", client + " is not there", "run: turnpike install (hooks reach nothing now)");
    }
    Programs.Ran ran = world.programs().run(List.of(client.toString(), "--version"));
    String said = ran.output().strip();
    if (!ran.well()) {
      return Finding.problem(
          "client", "%s does not run: %s".formatted(client, said), "build and install it anew");
    }
    return said.endsWith(" " + version)
        ? Finding.ok("client", "%s (%s)".formatted(client, said))
        : Finding.warning(
            "client",
            "%s is %s, this program %s".formatted(client, said, version),
            "run: turnpike install");
  }

  private Finding path() {
    boolean found =
        Stream.of(world.environment().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(folder -> folder.equals(places.bin().toString()));
    return found
        ? Finding.ok("PATH", places.bin() + " is on it")
        : Finding.warning(
            "PATH",
            places.bin() + " is not on it; hooks do not need it, typing `turnpike` does",
            "add to your shell's profile: export PATH=\"%s:$PATH\"".formatted(places.bin()));
  }
}
