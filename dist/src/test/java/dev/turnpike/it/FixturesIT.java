package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.it.Replay.Mode;
import dev.turnpike.testing.FakeLangfuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every capture through the real client, socket and daemon, in every order, each into a server of
 * its own; one daemon an order. Ids and times must not depend on the order, nor on the run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FixturesIT {
  /** As the played files lie under another home each time, and ids must not come from there. */
  private enum Run {
    NORMAL(Mode.NORMAL),
    NORMAL_AGAIN(Mode.NORMAL),
    AT_ONCE(Mode.AT_ONCE),
    DUPLICATED(Mode.DUPLICATED),
    REORDERED(Mode.REORDERED),
    DROPPED(Mode.DROPPED);

    private final Mode mode;

    Run(Mode mode) {
      this.mode = mode;
    }
  }

  private record Played(Path home, FakeLangfuse server) {}

  private static final long SEED = 7;

  private final Map<Run, Map<Fixture, Played>> played = new EnumMap<>(Run.class);

  @BeforeAll
  void play(@TempDir Path temp) throws Exception {
    for (Run run : Run.values()) {
      played.put(run, play(run, temp.resolve(run.name())));
    }
  }

  private static Map<Fixture, Played> play(Run run, Path folder)
      throws IOException, InterruptedException {
    var results = new HashMap<Fixture, Played>();
    Files.createDirectories(folder);
    try (var daemon = RunningDaemon.start(folder.resolve("tp"))) {
      for (Fixture fixture : Fixture.all()) {
        if (run == Run.DROPPED && fixture.knownFromHooksOnly()) {
          continue; // what a lost hook knew is lost
        }
        var server = FakeLangfuse.start(dev.turnpike.testing.Mode.EVENTS_ONLY);
        Path home = folder.resolve(fixture.name());
        results.put(fixture, new Played(home, server));
        try (var replay =
            new Replay(
                fixture, home, run.mode, SEED, daemon.home(), RunningDaemon.tracedTo(server))) {
          replay.play();
        }
      }
      daemon.flush();
      assertEquals(0, daemon.status().path("problems").size(), daemon::log);
    }
    return results;
  }

  @AfterAll
  void stopServers() {
    played.values().forEach(run -> run.values().forEach(one -> one.server().close()));
  }

  @TestFactory
  Stream<DynamicContainer> everyCaptureGivesWhatIsExpected() {
    return played.entrySet().stream()
        .map(
            run ->
                DynamicContainer.dynamicContainer(
                    run.getKey().name(),
                    sorted(run.getValue())
                        .map(
                            one ->
                                DynamicTest.dynamicTest(
                                    one.getKey().name(),
                                    () ->
                                        Judgement.assertRight(
                                            one.getKey(),
                                            one.getValue().home(),
                                            one.getValue().server())))));
  }

  @TestFactory
  Stream<DynamicTest> idsAndTimesAreTheSameEveryTime() {
    var first = played.getOrDefault(Run.NORMAL, Map.of());
    return sorted(first)
        // what is known from hooks alone happens when they fire
        .filter(one -> !one.getKey().knownFromHooksOnly())
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.getKey().name(),
                    () -> {
                      List<String> wanted = spans(one.getValue().server());
                      for (var run : played.entrySet()) {
                        Played other = run.getValue().get(one.getKey());
                        if (other != null) {
                          assertEquals(
                              String.join("\n", wanted),
                              String.join("\n", spans(other.server())),
                              run.getKey().name());
                        }
                      }
                    }));
  }

  private static Stream<Map.Entry<Fixture, Played>> sorted(Map<Fixture, Played> run) {
    return run.entrySet().stream()
        .sorted(java.util.Comparator.comparing(entry -> entry.getKey().name()));
  }

  private static List<String> spans(FakeLangfuse server) {
    return server.rows().stream()
        .map(
            row ->
                "%s %s <%s %s %s %s..%s"
                    .formatted(
                        row.traceId(),
                        row.id(),
                        row.parentId(),
                        row.type(),
                        row.name(),
                        row.start(),
                        row.end()))
        .sorted()
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
