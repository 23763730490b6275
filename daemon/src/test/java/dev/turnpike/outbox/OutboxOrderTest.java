package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.DestinationId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which batch goes next, and when. */
@Timeout(60)
class OutboxOrderTest extends OutboxCase {
  @Test
  void aSessionKeepsItsOrderAndLiveTurnsGoBeforeTheBacklog() throws IOException {
    queue(Traces.turn(1, 1, 1), REMOTE, 1);
    queue(Traces.turn(2, 1, 1), REMOTE, 1);
    reopen();
    now = now.plus(Duration.ofHours(1));
    queue(Traces.turn(3, 1, 1), REMOTE, 2);
    queue(Traces.turn(4, 1, 1), REMOTE, 2);
    var order = new ArrayList<Object>();
    for (int i = 0; i < 4; i++) {
      Batch batch = take();
      order.add(batch.trace().id());
      outbox.settle(batch.ref().id());
    }
    assertEquals(List.of(Traces.id(3), Traces.id(4), Traces.id(1), Traces.id(2)), order);
  }

  @Test
  void backoffGrowsWithJitterAndHasALimit() throws IOException {
    BatchRef ref = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    for (int attempt = 1; attempt < 20; attempt++) {
      assertEquals(ref, take().ref());
      outbox.record(ref, new SendResult.RetryLater("503", Optional.empty()));
      Instant ripe = outbox.ripeAt(REMOTE).orElseThrow();
      long ceiling = Math.min(300_000, 1000L << (attempt - 1));
      assertTrue(ripe.isAfter(now) && !ripe.isAfter(now.plusMillis(ceiling)), "attempt " + attempt);
      assertTrue(next().isEmpty());
      now = ripe;
    }
    assertEquals(19, outbox.status().queues().getFirst().failures());
    outbox.retryNow();
    outbox.settle(take().ref().id());
    assertEquals(List.of(), outbox.status().queues());
  }

  @Test
  void retryAfterHoldsTheWholeDestinationAndNoOther() throws IOException {
    BatchRef ref = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    queue(Traces.turn(2, 1, 1), REMOTE, 2);
    queue(Traces.turn(3, 1, 1), DestinationId.LOCAL, 3);
    take();
    outbox.record(ref, new SendResult.RetryLater("429", Optional.of(Duration.ofSeconds(90))));
    now = now.plusSeconds(89);
    assertTrue(next().isEmpty());
    assertTrue(outbox.next(DestinationId.LOCAL, now).isPresent());
    now = now.plusSeconds(1);
    assertTrue(next().isPresent());
  }

  @Test
  void aParkedDestinationWaitsForCredentialsOrTheRecheck() throws IOException {
    BatchRef ref = queue(Traces.turn(1, 1, 1), REMOTE, 1).getFirst();
    take();
    outbox.record(ref, new SendResult.Unauthorized("401", Duration.ofMinutes(15)));
    assertTrue(next().isEmpty());
    assertEquals(Optional.of("401"), outbox.status().queues().getFirst().parked());
    woken.clear();
    outbox.unpark(REMOTE);
    assertEquals(List.of(REMOTE), woken);
    take();
    outbox.record(ref, new SendResult.Unauthorized("401", Duration.ofMinutes(15)));
    now = now.plus(Duration.ofMinutes(15));
    assertTrue(next().isPresent());
  }
}
