package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.Samples;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A server that is away or ill for a week, with a clock that is turned by hand: what a delivery
 * would do with the outbox, at the moments the outbox says. Hundreds of sessions go on working.
 */
@Timeout(180)
class LongOutageTest extends OutboxCase {
  private static final Duration WEEK = Duration.ofDays(7);
  private static final int SESSIONS = 300;
  private static final Duration BETWEEN_TURNS = Duration.ofMinutes(4);

  /** What the server says to the batch at this moment. */
  private interface Server {
    SendResult answers(Instant at, Batch batch);
  }

  private final Random random = new Random(7);
  private final Map<SessionKey, List<TraceId>> made = new HashMap<>();
  private final Map<SessionKey, List<TraceId>> arrived = new HashMap<>();
  private final List<SessionKey> arrivals = new ArrayList<>();
  private int turns;
  private int attempts;

  LongOutageTest() {
    files = FaultyFiles.unforced();
  }

  private static SessionKey session(int n) {
    return new SessionKey(
        Samples.session(0).agent(), new dev.turnpike.model.SessionId("session-" + n));
  }

  private void makeTurn(int session) throws IOException {
    int n = turns++;
    SessionKey key = session(session);
    List<BatchRef> refs = outbox.stage(Traces.turn(n, 1, 10), REMOTE, key);
    journal.commitNow(
        new dev.turnpike.journal.Entry.StepTaken(
            new dev.turnpike.journal.Step(
                key, now, java.util.Set.of(), "{}", refs, java.util.Set.of())));
    outbox.queued(refs);
    made.computeIfAbsent(key, k -> new ArrayList<>()).add(Traces.id(n));
  }

  /**
   * All that is ripe until {@code until}, attempt by attempt; the clock stands there afterwards.
   */
  private void deliverUntil(Instant until, Server server) throws IOException {
    while (true) {
      Optional<Batch> batch = outbox.next(REMOTE, now);
      if (batch.isPresent()) {
        attempts++;
        SendResult result = server.answers(now, batch.get());
        outbox.record(batch.get(), result);
        if (result instanceof SendResult.Accepted) {
          SessionKey of = batch.get().ref().session();
          arrived.computeIfAbsent(of, k -> new ArrayList<>()).add(batch.get().trace().id());
          arrivals.add(of);
        }
        continue;
      }
      Optional<Instant> ripe = outbox.ripeAt(REMOTE).filter(at -> at.isBefore(until));
      if (ripe.isEmpty()) {
        now = until;
        return;
      }
      assertTrue(ripe.get().isAfter(now), "nothing was ripe, yet it says now: a busy loop");
      now = ripe.get();
    }
  }

  private void aWeek(Server server) throws IOException {
    Instant end = now.plus(WEEK);
    while (now.isBefore(end)) {
      makeTurn(random.nextInt(SESSIONS));
      deliverUntil(now.plus(BETWEEN_TURNS), server);
    }
  }

  private void assertEverythingArrivedInOrder() {
    assertEquals(0, outbox.status().batches());
    made.forEach(
        (session, traces) -> assertEquals(traces, arrived.get(session), session.toString()));
    assertEquals(0, counters.of("outbox.dropped"));
  }

  @Test
  void aServerThatIsDownForAWeekIsAskedRarelyAndGetsEverythingInOrder() throws IOException {
    aWeek((at, batch) -> new SendResult.RetryLater("no connection", Optional.empty()));
    // full jitter up to five minutes: an attempt every two and a half minutes on average
    long mostOften = WEEK.dividedBy(Duration.ofMinutes(2));
    assertTrue(attempts < mostOften, attempts + " attempts in a week");
    assertTrue(attempts > WEEK.toHours(), attempts + " attempts in a week");
    assertEquals(turns, outbox.status().batches());

    reopen(); // the queue is on the disk, not in a process
    now = now.plus(Duration.ofHours(1));
    makeTurn(SESSIONS);
    makeTurn(SESSIONS + 1);
    deliverUntil(now.plus(Duration.ofMinutes(10)), (at, batch) -> new SendResult.Accepted());
    assertEverythingArrivedInOrder();
    assertEquals(
        List.of(session(SESSIONS), session(SESSIONS + 1)),
        arrivals.subList(0, 2),
        "live turns go before the backlog");
  }

  @Test
  void aServerThatComesAndGoesGetsEverythingInOrder() throws IOException {
    aWeek(
        (at, batch) ->
            at.getEpochSecond() / 1800 % 3 == 0
                ? new SendResult.Accepted()
                : new SendResult.RetryLater("HTTP 503", Optional.empty()));
    deliverUntil(now.plus(Duration.ofHours(1)), (at, batch) -> new SendResult.Accepted());
    assertEverythingArrivedInOrder();
  }

  @Test
  void aServerThatFailsByRateGetsEverythingInOrder() throws IOException {
    aWeek(
        (at, batch) ->
            random.nextInt(10) < 3
                ? new SendResult.RetryLater("HTTP 500", Optional.empty())
                : new SendResult.Accepted());
    deliverUntil(now.plus(Duration.ofHours(1)), (at, batch) -> new SendResult.Accepted());
    assertEverythingArrivedInOrder();
    assertTrue(attempts < 2 * turns, attempts + " attempts for " + turns + " turns");
  }

  @Test
  void whatRetryAfterAsksForIsObeyedByAllOfADestination() throws IOException {
    var allowed = new Instant[] {Instant.MIN};
    aWeek(
        (at, batch) -> {
          assertTrue(!at.isBefore(allowed[0]), "asked at " + at + ", allowed from " + allowed[0]);
          if (random.nextInt(4) > 0) {
            var wait = Duration.ofSeconds(1 + random.nextInt(300));
            allowed[0] = at.plus(wait);
            return new SendResult.RetryLater("HTTP 429", Optional.of(wait));
          }
          return new SendResult.Accepted();
        });
    deliverUntil(now.plus(Duration.ofHours(2)), (at, batch) -> new SendResult.Accepted());
    assertEverythingArrivedInOrder();
  }

  @Test
  void wrongKeysForADayCostFewAttemptsAndNothingElse() throws IOException {
    Instant right = now.plus(Duration.ofDays(1));
    Instant end = now.plus(Duration.ofDays(2));
    while (now.isBefore(end)) {
      makeTurn(random.nextInt(SESSIONS));
      deliverUntil(
          now.plus(BETWEEN_TURNS),
          (at, batch) ->
              at.isBefore(right)
                  ? new SendResult.Unauthorized("HTTP 401", Duration.ofMinutes(15))
                  : new SendResult.Accepted());
    }
    int before = turns + (int) Duration.ofDays(1).dividedBy(Duration.ofMinutes(15));
    assertTrue(attempts <= before + 2, attempts + " attempts for " + turns + " turns");
    assertEverythingArrivedInOrder();
  }
}
