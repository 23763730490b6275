package dev.turnpike.daemon;

import dev.turnpike.config.Permits;
import dev.turnpike.config.Permits.Permit;
import dev.turnpike.inbox.Consent;
import dev.turnpike.inbox.Terms;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.OutboxLimits;
import dev.turnpike.outbox.Waiting;
import dev.turnpike.platform.Counters;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Judges like another consent, but what is held back for want of the user's word has a quarter of
 * the queue and no more: it may wait for ever, and a full queue would stop the traces of everybody.
 * Beyond that turns stay on this machine, from where they can be sent later.
 */
final class HeldRoom implements Consent {
  /** The share of the queue, one in so many. */
  static final int SHARE = 4;

  private final Consent consent;
  private final Permits permits;
  private final Function<Predicate<DestinationId>, Waiting> queue;
  private final OutboxLimits limits;
  private final Counters counters;

  /**
   * @param queue what waits for destinations
   * @param limits of the whole queue
   */
  HeldRoom(
      Consent consent,
      Permits permits,
      Function<Predicate<DestinationId>, Waiting> queue,
      OutboxLimits limits,
      Counters counters) {
    this.consent = consent;
    this.permits = permits;
    this.queue = queue;
    this.limits = limits;
    this.counters = counters;
  }

  @Override
  public Terms judge(Caller caller, Map<String, String> environment) {
    Terms terms = consent.judge(caller, environment);
    // what costs a call nothing is asked first
    if (terms instanceof Terms.Traced(var destination)
        && full(any -> true)
        && held(destination)
        && full(this::held)) {
      counters.count("outbox.held_full");
      return new Terms.Traced(DestinationId.LOCAL);
    }
    return terms;
  }

  private boolean full(Predicate<DestinationId> which) {
    Waiting waiting = queue.apply(which);
    return waiting.bytes() >= limits.queueBytes() / SHARE
        || waiting.batches() >= limits.queueBatches() / SHARE;
  }

  private boolean held(DestinationId destination) {
    return !destination.local() && permits.of(destination) instanceof Permit.Held;
  }
}
