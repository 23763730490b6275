package dev.turnpike.it;

import dev.turnpike.it.Replay.Happening;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Random;

/** Several captures played at once: shuffled into each other, each in its own order. */
final class Decks {
  private Decks() {}

  static Deque<Happening> shuffled(Collection<? extends Deque<Happening>> each, Random random) {
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
