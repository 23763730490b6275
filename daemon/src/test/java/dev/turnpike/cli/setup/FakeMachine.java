package dev.turnpike.cli.setup;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.claudecode.ClaudeCode;
import dev.turnpike.agent.claudecode.ClaudeCodeInstaller;
import dev.turnpike.agent.codex.Codex;
import dev.turnpike.agent.codex.CodexInstaller;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A home of its own, an image as far as installing looks at one, and a daemon that only counts. */
public final class FakeMachine implements DaemonControl {
  public static final String VERSION = "0.1.0";
  private static final Instant START = Instant.parse("2026-11-21T10:15:00Z");

  public final Path home;
  public final Path image;
  public final Map<String, String> environment = new HashMap<>();
  public final List<String> ran = new ArrayList<>();
  public final List<String> daemon = new ArrayList<>();
  public Os os = Os.LINUX;
  public boolean serviceUsable;
  public Optional<String> runningVersion = Optional.empty();
  public Optional<String> startFails = Optional.empty();
  public Optional<String> stopFails = Optional.empty();
  private int second;

  public FakeMachine(Path folder) throws IOException {
    this.home = Files.createDirectories(folder.resolve("home"));
    this.image = folder.resolve("image");
    environment.put("PATH", home.resolve(".local/bin").toString());
    program(image.resolve("bin/turnpike"), "echo turnpike");
    program(image.resolve("bin/turnpike-hook"), "echo turnpike-hook " + VERSION);
    Files.createDirectories(image.resolve("lib"));
    Files.writeString(image.resolve("lib/turnpike-daemon-0.1.0.jar"), "jar");
    Path root = Path.of("..").toAbsolutePath().normalize();
    for (String unit :
        List.of(
            "systemd/turnpike.service",
            "systemd/turnpike.socket",
            "launchd/dev.turnpike.daemon.plist")) {
      Path copy = image.resolve("share").resolve(unit);
      Files.createDirectories(copy.getParent());
      Files.copy(root.resolve(unit), copy);
    }
  }

  public static void program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  public Paths paths() {
    return Paths.of(environment, home, os, 4711);
  }

  public Surroundings world() {
    return world(Optional.of(image));
  }

  public Surroundings world(Optional<Path> from) {
    List<Agent<?>> agents =
        List.of(new ClaudeCode(new ClaudeCodeInstaller()), new Codex(new CodexInstaller()));
    InstantSource clock = () -> START.plusSeconds(second++);
    return new Surroundings(
        paths(),
        home,
        os,
        4711,
        environment,
        from,
        Path.of("/usr/lib/jvm/temurin-25"),
        agents,
        clock,
        this::run,
        this);
  }

  private Programs.Ran run(List<String> command) {
    ran.add(String.join(" ", command));
    boolean well =
        switch (command.getFirst()) {
          case "systemctl", "launchctl" -> serviceUsable;
          default -> true;
        };
    String said = command.getFirst().endsWith("turnpike-hook") ? "turnpike-hook " + VERSION : "";
    return new Programs.Ran(well ? 0 : 1, well ? said : "no bus");
  }

  @Override
  public Optional<HealthReport> health() {
    return runningVersion.map(
        version -> new HealthReport(true, version, Long.MAX_VALUE, List.of()));
  }

  @Override
  public Optional<String> start(Path program) {
    daemon.add("start " + program);
    return started();
  }

  @Override
  public Optional<String> await() {
    daemon.add("await");
    return started();
  }

  private Optional<String> started() {
    if (startFails.isEmpty()) {
      runningVersion = Optional.of(VERSION);
    }
    return startFails;
  }

  @Override
  public Optional<String> stop() {
    daemon.add("stop");
    if (stopFails.isEmpty()) {
      runningVersion = Optional.empty();
    }
    return stopFails;
  }

  /** Every path below the home, with the content of files and the target of links. */
  public Map<String, String> everything() throws IOException {
    var all = new TreeMap<String, String>();
    try (Stream<Path> paths = Files.walk(home)) {
      for (Path path : paths.toList()) {
        String name = home.relativize(path).toString();
        if (Files.isSymbolicLink(path)) {
          all.put(name, "-> " + Files.readSymbolicLink(path));
        } else {
          all.put(name, Files.isDirectory(path) ? "/" : Files.readString(path));
        }
      }
    }
    return all;
  }
}
