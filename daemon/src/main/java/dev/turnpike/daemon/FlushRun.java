package dev.turnpike.daemon;

import dev.turnpike.gateway.Flusher;
import dev.turnpike.gateway.api.FlushReport;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.outbox.Outbox;
import dev.turnpike.outbox.OutboxStatus;
import dev.turnpike.session.Sessions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code flush} does: take over the spool, have every session look, wait until the outbox is
 * empty or only holds what cannot be sent now. It closes no turn that is not certainly over.
 */
final class FlushRun implements Flusher {
  private static final Logger LOG = LoggerFactory.getLogger(FlushRun.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  /** Whoever sends slower than this is not waited for. */
  private static final Duration RECEIVING_MAX = Duration.ofSeconds(5);

  private final Inbox inbox;
  private final Sessions sessions;
  private final Outbox outbox;
  private final BooleanSupplier receiving;
  private final Totals totals;
  private final InstantSource clock;

  /** Running totals, so that a flush can say what it brought about. */
  interface Totals {
    long turns();

    long sentBatches();

    long sentSpans();
  }

  /**
   * @param receiving whether telemetry is arriving: an agent that exits may not wait for the answer
   */
  FlushRun(
      Inbox inbox,
      Sessions sessions,
      Outbox outbox,
      BooleanSupplier receiving,
      Totals totals,
      InstantSource clock) {
    this.inbox = inbox;
    this.sessions = sessions;
    this.outbox = outbox;
    this.receiving = receiving;
    this.totals = totals;
    this.clock = clock;
  }

  @Override
  public FlushReport flush(Duration wait) throws InterruptedException {
    Instant begun = clock.instant();
    Instant deadline = begun.plus(wait);
    long turns = totals.turns();
    long batches = totals.sentBatches();
    long spans = totals.sentSpans();
    Instant received = begun.plus(RECEIVING_MAX);
    while (receiving.getAsBoolean()
        && clock.instant().isBefore(deadline)
        && clock.instant().isBefore(received)) {
      Thread.sleep(LOOK_AGAIN);
    }
    // what was taken over has to be with the sessions before they are asked to look
    boolean looked = await(spoolTaken(), deadline) && await(sessions.flush(), deadline);
    while (!drained() && clock.instant().isBefore(deadline)) {
      Thread.sleep(LOOK_AGAIN);
    }
    OutboxStatus left = outbox.status();
    long parked =
        left.queues().stream()
            .filter(queue -> queue.parked().isPresent())
            .mapToLong(OutboxStatus.Queue::batches)
            .sum();
    return new FlushReport(
        looked && left.batches() == parked,
        Duration.between(begun, clock.instant()).toMillis(),
        totals.turns() - turns,
        totals.sentBatches() - batches,
        totals.sentSpans() - spans,
        inbox.status().events(),
        left.batches(),
        parked,
        sessions.openSessions().size());
  }

  /** On a thread of its own: another look into a large spool may be under way. */
  private CompletableFuture<Void> spoolTaken() {
    var taken = new CompletableFuture<Void>();
    Thread.ofVirtual()
        .name("flush-spool")
        .start(
            () -> {
              try {
                inbox.drainSpool();
              } catch (IOException | RuntimeException e) {
                LOG.warn("the spool could not be read: {}", e.toString());
              } finally {
                taken.complete(null);
              }
            });
    return taken;
  }

  private boolean drained() {
    return outbox.status().queues().stream()
        .allMatch(queue -> queue.batches() == 0 || queue.parked().isPresent());
  }

  private boolean await(CompletableFuture<Void> done, Instant deadline)
      throws InterruptedException {
    try {
      long left = Duration.between(clock.instant(), deadline).toMillis();
      done.get(Math.max(0, left), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      LOG.debug("flush: stopping", e);
      return false;
    }
  }
}
