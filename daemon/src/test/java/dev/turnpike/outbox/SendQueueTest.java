package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Samples;
import dev.turnpike.model.SessionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The queue's order, against the same rules applied to one plain list from its start to its end.
 */
class SendQueueTest {
  private static final int SESSIONS = 3; // of Samples.ref

  private record Entry(BatchRef ref, Instant liveUntil) {}

  private final OutboxLimits limits = OutboxLimits.STANDARD;
  private final List<Entry> list = new ArrayList<>();
  private Instant now = Samples.AT;

  private BatchRef expected() {
    Set<SessionKey> live =
        list.stream()
            .filter(each -> now.isBefore(each.liveUntil))
            .map(each -> each.ref.session())
            .collect(Collectors.toSet());
    return list.stream()
        .map(Entry::ref)
        .filter(ref -> live.contains(ref.session()))
        .findFirst()
        .orElse(list.getFirst().ref);
  }

  @Test
  void whatGoesNextIsWhatAWalkOverAllThatWaitsSays() {
    var random = new Random(11);
    var queue = new SendQueue(limits, new Random(12));
    int made = 0;
    int taken = 0;
    for (int i = 0; i < 20_000; i++) {
      now = now.plus(Duration.ofMillis(random.nextInt(20_000)));
      if (random.nextInt(3) > 0 || list.isEmpty()) {
        boolean live = random.nextInt(6) == 0;
        BatchRef ref = Samples.ref(made++);
        queue.add(ref, live ? Optional.of(now) : Optional.empty());
        list.add(new Entry(ref, live ? now.plus(limits.live()) : Instant.MIN));
        continue;
      }
      BatchRef next = queue.take(Samples.REMOTE, now).orElseThrow();
      assertEquals(expected(), next, "step " + i);
      assertEquals(Optional.empty(), queue.take(Samples.REMOTE, now), "one is in flight");
      taken++;
      made = settle(queue, next, random.nextInt(8), made);
      assertEquals(list.size(), queue.size());
      assertEquals(list.stream().mapToLong(each -> each.ref.bytes()).sum(), queue.bytes());
    }
    assertTrue(taken > 3_000 && list.size() > 10 * SESSIONS, taken + ", " + list.size());
  }

  /** Returns how many batches were made by then. */
  private int settle(SendQueue queue, BatchRef batch, int fate, int made) {
    int at = 0;
    while (!list.get(at).ref.equals(batch)) {
      at++;
    }
    switch (fate) {
      case 0 -> {
        queue.delay(batch.id(), "503", Optional.empty(), now);
        assertEquals(Optional.empty(), queue.take(Samples.REMOTE, now));
        queue.retryNow();
      }
      case 1 -> {
        // of the same session, which is every third one
        int first = made + Math.floorMod(sessionOf(batch) - made, SESSIONS);
        List<BatchRef> parts = List.of(Samples.ref(first), Samples.ref(first + SESSIONS));
        queue.replace(batch.id(), parts);
        Instant liveUntil = list.remove(at).liveUntil;
        list.addAll(at, parts.stream().map(part -> new Entry(part, liveUntil)).toList());
        return first + SESSIONS + 1;
      }
      default -> {
        queue.delivered(batch.id());
        assertEquals(List.of(batch.id()), queue.deliveredUnrecorded(Samples.REMOTE));
        queue.remove(batch.id());
        list.remove(at);
      }
    }
    return made;
  }

  private static int sessionOf(BatchRef batch) {
    for (int n = 0; n < SESSIONS; n++) {
      if (Samples.session(n).equals(batch.session())) {
        return n;
      }
    }
    throw new IllegalArgumentException(batch.toString());
  }
}
