package dev.turnpike.it;

import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.it.Replay.Mode;
import dev.turnpike.testing.FakeLangfuse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/** Agents that are at work until they are told to stop: one capture after the other, each anew. */
final class Workload implements AutoCloseable {
  private static final List<String> CAPTURES =
      List.of(
          "multi-tool", "subagent", "parallel-tools", "thinking", "stop-failure", "interactive");

  private final Path folder;
  private final Anew captures;
  private final Path turnpikeHome;
  private final FakeLangfuse server;
  private final Map<Fixture, Path> played = new LinkedHashMap<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final ExecutorService agents;
  private final List<Future<Void>> work;
  private int begun;

  private Workload(Path folder, Path turnpikeHome, FakeLangfuse server, int agents) {
    this.folder = folder;
    this.captures = new Anew(folder.resolve("captures"));
    this.turnpikeHome = turnpikeHome;
    this.server = server;
    this.agents = Executors.newFixedThreadPool(agents);
    this.work =
        IntStream.range(0, agents).mapToObj(_ -> this.agents.submit(this::untilOver)).toList();
  }

  /**
   * @param folder for the captures and the homes in which they are played
   * @param agents how many at a time
   */
  static Workload begin(Path folder, Path turnpikeHome, FakeLangfuse server, int agents) {
    return new Workload(folder, turnpikeHome, server, agents);
  }

  /** Whether one of them could not go on. */
  boolean broken() {
    return work.stream().anyMatch(Future::isDone);
  }

  synchronized int begun() {
    return begun;
  }

  /** Returns when all have done what they had begun. */
  void end() throws Exception {
    over.set(true);
    for (Future<Void> one : work) {
      one.get();
    }
  }

  /** All that was played is there. */
  synchronized void assertAllIsThere(Copies copies) {
    Judgement.assertRight(played, server, copies);
  }

  private Void untilOver() throws IOException, InterruptedException {
    while (!over.get()) {
      play();
    }
    return null;
  }

  private void play() throws IOException, InterruptedException {
    int number;
    Fixture fixture;
    Path home;
    synchronized (this) {
      number = begun++;
      home = folder.resolve("home-" + number);
      fixture = captures.copy(Fixture.named(CAPTURES.get(number % CAPTURES.size())));
      played.put(fixture, home);
    }
    Map<String, String> traced = RunningDaemon.tracedTo(server);
    try (var replay = new Replay(fixture, home, Mode.NORMAL, number, turnpikeHome, traced)) {
      replay.play();
    }
  }

  @Override
  public void close() {
    over.set(true);
    agents.shutdown();
  }
}
