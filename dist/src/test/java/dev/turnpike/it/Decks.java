package dev.turnpike.it;

import dev.turnpike.it.Replay.Happening;
import dev.turnpike.it.Replay.Mode;
import dev.turnpike.it.Replay.Pace;
import dev.turnpike.testing.FakeLangfuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Several captures played at once: shuffled into each other, each in its own order. */
final class Decks {
  private Decks() {}

  /**
   * The captures, each played in a home of its own below {@code folder} to a daemon in {@code
   * folder/tp}, which sends to {@code server}.
   *
   * @param homes gets where each was played
   */
  static Deque<Happening> of(
      List<String> captures,
      Path folder,
      Map<Fixture, Path> homes,
      FakeLangfuse server,
      Random random)
      throws IOException {
    Files.createDirectories(folder);
    var decks = new ArrayList<Deque<Happening>>();
    for (String name : captures) {
      Fixture fixture = Fixture.named(name);
      Path home = folder.resolve(name);
      homes.put(fixture, home);
      var replay =
          new Replay(
                  fixture,
                  home,
                  Mode.NORMAL,
                  random.nextLong(),
                  folder.resolve("tp"),
                  RunningDaemon.tracedTo(server))
              .at(Pace.WITHOUT_GAPS);
      var deck = new ArrayDeque<>(replay.happenings());
      deck.add(replay::close);
      decks.add(deck);
    }
    return shuffled(decks, random);
  }

  /** The next so many, or what is left. */
  static void play(Deque<Happening> script, int atMost) throws IOException, InterruptedException {
    for (int i = 0; i < atMost && !script.isEmpty(); i++) {
      script.remove().happen();
    }
  }

  private static Deque<Happening> shuffled(
      Collection<? extends Deque<Happening>> each, Random random) {
    var decks = new ArrayList<Deque<Happening>>(each);
    var script = new ArrayDeque<Happening>();
    while (!decks.isEmpty()) {
      Deque<Happening> deck = decks.get(random.nextInt(decks.size()));
      script.add(deck.remove());
      if (deck.isEmpty()) {
        decks.remove(deck);
      }
    }
    return script;
  }
}
