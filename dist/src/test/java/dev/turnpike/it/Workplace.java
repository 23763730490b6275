package dev.turnpike.it;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.it.Replay.Mode;
import dev.turnpike.testing.FakeLangfuse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A developer's machine for one test: a daemon, and captures that are played to it, each in a home
 * of its own.
 */
final class Workplace implements AutoCloseable {
  private static final long SEED = 11;

  private final Path folder;
  private final RunningDaemon daemon;
  private final Map<Fixture, Path> played = new LinkedHashMap<>();

  private Workplace(Path folder, RunningDaemon daemon) {
    this.folder = folder;
    this.daemon = daemon;
  }

  static Workplace open(Path folder) throws IOException, InterruptedException {
    return open(folder, Map.of());
  }

  /**
   * @param environment of the daemon
   */
  static Workplace open(Path folder, Map<String, String> environment)
      throws IOException, InterruptedException {
    return new Workplace(folder, RunningDaemon.start(folder.resolve("tp"), environment));
  }

  RunningDaemon daemon() {
    return daemon;
  }

  /** Where the captures were played. */
  Map<Fixture, Path> played() {
    return Map.copyOf(played);
  }

  void play(String fixture, Map<String, String> environment)
      throws IOException, InterruptedException {
    try (Replay replay = replay(fixture, environment)) {
      replay.play();
    }
  }

  Replay replay(String name, Map<String, String> environment) throws IOException {
    Fixture fixture = Fixture.named(name);
    Path home = folder.resolve(name);
    played.put(fixture, home);
    return new Replay(fixture, home, Mode.NORMAL, SEED, daemon.home(), environment);
  }

  /** Everything that was played arrived: once, and nothing else did. */
  void assertAllIsThere(FakeLangfuse server) {
    assertAllIsThere(server, Copies.NONE);
  }

  void assertAllIsThere(FakeLangfuse server, Copies copies) {
    try {
      Judgement.assertRight(played(), server, copies);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + daemon.log(), e);
    }
  }

  JsonNode onlyDestination(String kind) throws IOException {
    return daemon
        .status()
        .path("destinations")
        .valueStream()
        .filter(destination -> destination.path("kind").asText().equals(kind))
        .reduce(
            (one, other) -> {
              throw new AssertionError("two destinations of kind " + kind);
            })
        .orElseThrow(() -> new AssertionError("no destination of kind " + kind));
  }

  static Map<String, String> without(Map<String, String> environment, String... names) {
    var fewer = new HashMap<>(environment);
    for (String name : names) {
      fewer.remove(name);
    }
    return fewer;
  }

  static Map<String, String> with(Map<String, String> environment, String name, String value) {
    var more = new HashMap<>(environment);
    more.put(name, value);
    return more;
  }

  @Override
  public void close() {
    daemon.close();
  }
}
