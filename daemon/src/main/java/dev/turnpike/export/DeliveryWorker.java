package dev.turnpike.export;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of one destination, for as long as there is something to send there. */
final class DeliveryWorker {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryWorker.class);

  /**
   * A laptop's sleep and a moved clock do not count in a timed wait: look at the clock at least so
   * often.
   */
  private static final Duration REST_MOST = Duration.ofMinutes(1);

  private static final Duration REST_LEAST = Duration.ofMillis(50);
  private static final Duration TROUBLE_FIRST = Duration.ofSeconds(1);
  private static final Duration TROUBLE_MOST = Duration.ofMinutes(1);
  private static final int PATH_CHANGES_MOST = 3;

  private final DestinationId destination;
  private final Delivery delivery;
  private final DeliveryQueue queue;
  private final Attempt attempt;
  private final InstantSource clock;
  private final Counters counters;
  private final Thread thread;

  /** Guarded by the delivery's lock. */
  private boolean nudged;

  /** Guarded by the delivery's lock. */
  private boolean resting;

  private Duration trouble = TROUBLE_FIRST;
  private String lastProblem = "";
  private @Nullable BatchId pathChanged;
  private int pathChanges;

  DeliveryWorker(
      DestinationId destination,
      Delivery delivery,
      DeliveryQueue queue,
      Attempt attempt,
      InstantSource clock,
      Counters counters) {
    this.destination = destination;
    this.delivery = delivery;
    this.queue = queue;
    this.attempt = attempt;
    this.clock = clock;
    this.counters = counters;
    this.thread = Thread.ofVirtual().name("delivery-" + destination).unstarted(this::run);
  }

  void begin() {
    thread.start();
  }

  void interrupt() {
    thread.interrupt();
  }

  DestinationId destination() {
    return destination;
  }

  void nudge() {
    nudged = true;
  }

  boolean takeNudge() {
    boolean was = nudged;
    nudged = false;
    return was;
  }

  boolean resting() {
    return resting && !nudged;
  }

  void resting(boolean now) {
    resting = now;
  }

  private void run() {
    try {
      while (!delivery.stopping() && step()) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      delivery.abandon(this);
    }
  }

  /**
   * Delivers one batch or rests. False: nothing is left to do and this worker is no longer known.
   */
  private boolean step() throws InterruptedException {
    try {
      Optional<Batch> batch = queue.next(destination, clock.instant());
      if (batch.isPresent()) {
        deliver(batch.get());
        trouble = TROUBLE_FIRST;
        return true;
      }
      Optional<Instant> ripe = queue.ripeAt(destination);
      if (ripe.isEmpty()) {
        return !delivery.release(this);
      }
      delivery.rest(this, until(ripe.get()));
    } catch (IOException | RuntimeException e) {
      counters.count("export.delivery_trouble");
      LOG.error("Delivery to {} cannot use the outbox; next try in {}", destination, trouble, e);
      pause();
    }
    return true;
  }

  private Duration until(Instant ripe) {
    Duration wait = Duration.between(clock.instant(), ripe);
    return wait.compareTo(REST_LEAST) < 0
        ? REST_LEAST
        : wait.compareTo(REST_MOST) > 0 ? REST_MOST : wait;
  }

  private void deliver(Batch batch) throws InterruptedException {
    SendResult result = settled(batch, attempt.make(batch));
    count(batch, result);
    record(batch, result);
  }

  /** A server that wants this path and then that one would keep us busy for ever. */
  private SendResult settled(Batch batch, SendResult result) {
    if (!(result instanceof SendResult.OtherPath(var reason))) {
      pathChanged = null;
      return result;
    }
    pathChanges = batch.id().equals(pathChanged) ? pathChanges + 1 : 1;
    pathChanged = batch.id();
    if (pathChanges <= PATH_CHANGES_MOST) {
      return result;
    }
    pathChanged = null;
    return new SendResult.RetryLater("neither path is accepted: " + reason, Optional.empty());
  }

  /**
   * What the server said must not get lost: it would be sent twice, or, not being recorded, block
   * the destination. So while the disk is full nothing else is done here.
   */
  private void record(Batch batch, SendResult result) throws InterruptedException {
    while (true) {
      try {
        queue.record(batch, result);
        return;
      } catch (IOException e) {
        counters.count("export.delivery_trouble");
        LOG.error(
            "The result of batch {} cannot be recorded; next try in {}", batch.id(), trouble, e);
        if (delivery.stopping()) {
          return;
        }
        pause();
      }
    }
  }

  private void pause() throws InterruptedException {
    delivery.rest(this, trouble);
    Duration twice = trouble.multipliedBy(2);
    trouble = twice.compareTo(TROUBLE_MOST) > 0 ? TROUBLE_MOST : twice;
  }

  private void count(Batch batch, SendResult result) {
    int spans = batch.trace().observations().size();
    switch (result) {
      case SendResult.Accepted() -> {
        sent(1, spans);
        recovered();
      }
      case SendResult.PartlyAccepted(var rejections) -> {
        sent(0, spans - rejections.size());
        rejections.stream()
            .filter(rejection -> rejection.permanent())
            .forEach(rejection -> counters.count("export.spans_refused"));
        problem("took all but " + rejections.size() + " spans: " + rejections.getFirst().reason());
      }
      case SendResult.RetryLater(var reason, _) -> {
        counters.count("export.attempts_failed");
        problem(reason);
      }
      case SendResult.Unauthorized(var reason, _) -> {
        counters.count("export.unauthorized");
        problem(reason);
      }
      case SendResult.Withheld(var reason, _) -> problem(reason);
      case SendResult.Withdrawn(var reason) -> {
        counters.count("export.batches_withdrawn");
        problem(reason);
      }
      case SendResult.TooLarge(var reason) -> {
        counters.count("export.batches_too_large");
        problem(reason);
      }
      case SendResult.Refused(var reason) -> {
        counters.count("export.batches_refused");
        problem(reason);
      }
      case SendResult.OtherPath(var reason) -> problem(reason);
    }
  }

  private void sent(int batches, int spans) {
    counters.add(DeliveryCounts.BATCHES_SENT, batches);
    counters.add(DeliveryCounts.SPANS_SENT, spans);
    counters.add(DeliveryCounts.batchesSent(destination), batches);
    counters.add(DeliveryCounts.spansSent(destination), spans);
  }

  /** The first of equal problems in a row is for the user, the rest for who looks closer. */
  private void problem(String reason) {
    if (reason.equals(lastProblem)) {
      LOG.debug("Destination {}: still: {}", destination, reason);
    } else {
      LOG.warn("Destination {}: {}", destination, reason);
      lastProblem = reason;
    }
  }

  private void recovered() {
    if (!lastProblem.isEmpty()) {
      LOG.info("Destination {}: accepts again", destination);
      lastProblem = "";
    }
  }
}
