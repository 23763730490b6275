package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an attempt's result means for its batch. Each change is one entry in the journal, made
 * before anything on the disk follows it.
 */
final class Fates {
  private static final Logger LOG = LoggerFactory.getLogger(Fates.class);

  private static final int REFUSALS_IN_A_ROW = 3;
  private static final Duration PAUSE_AFTER_REFUSALS = Duration.ofMinutes(15);

  private final Journal journal;
  private final History history;
  private final SendQueue queue;
  private final Staging staging;
  private final DeadLetters deadLetters;
  private final Bodies bodies;
  private final InstantSource ticks;
  private final Counters counters;

  Fates(
      Journal journal,
      History history,
      SendQueue queue,
      Staging staging,
      DeadLetters deadLetters,
      Bodies bodies,
      InstantSource ticks,
      Counters counters) {
    this.journal = journal;
    this.history = history;
    this.queue = queue;
    this.staging = staging;
    this.deadLetters = deadLetters;
    this.bodies = bodies;
    this.ticks = ticks;
    this.counters = counters;
  }

  /** After an IOException the batch is tried again later. */
  void record(BatchRef batch, SendResult result) throws IOException {
    try {
      apply(batch, result);
    } catch (IOException e) {
      delay(batch.id(), "disk: " + e.getMessage(), Optional.empty());
      throw e;
    }
  }

  private void apply(BatchRef batch, SendResult result) throws IOException {
    switch (result) {
      case SendResult.Accepted() -> settle(batch.id());
      case SendResult.PartlyAccepted(var rejections) -> settleExcept(batch.id(), rejections);
      case SendResult.RetryLater(var reason, var notBefore) -> delay(batch.id(), reason, notBefore);
      case SendResult.Unauthorized(var reason, var recheck) ->
          park(batch.destination(), reason, recheck);
      case SendResult.Withheld(var reason, var recheck) ->
          park(batch.destination(), reason, recheck);
      case SendResult.Withdrawn(var reason) -> {
        if (queue.contains(batch.id())) {
          deadLetters.drop(batch, reason);
        }
      }
      case SendResult.TooLarge(var reason) -> replace(batch.id(), reason);
      case SendResult.Refused(var reason) -> {
        if (batch.spans() > 1) {
          replace(batch.id(), reason);
        } else {
          bury(batch, reason);
        }
      }
      case SendResult.OtherPath(_) -> {
        bodies.unpinWire(batch.id());
        queue.wire(batch.id(), 0);
        queue.again(batch.id());
      }
    }
  }

  /**
   * One span, or one trace to the last of its spans, may be what a server cannot take. A server, or
   * a proxy before it, that refuses whatever comes would have the whole queue buried within a
   * minute: from the third trace in a row on there is a pause after each.
   */
  private void bury(BatchRef batch, String reason) throws IOException {
    deadLetters.bury(batch.id(), reason);
    int inARow = queue.refused(batch);
    if (inARow >= REFUSALS_IN_A_ROW) {
      park(
          batch.destination(),
          "it refuses whatever comes (%d traces in a row), the last time with: %s"
              .formatted(inARow, reason),
          PAUSE_AFTER_REFUSALS);
    }
  }

  void settle(BatchId batch) throws IOException {
    @Nullable BatchRef ref = queue.ref(batch);
    if (ref == null) {
      return;
    }
    try {
      history.keep(ref, bodies.body(batch));
    } catch (IOException e) {
      if (ref.destination().local()) {
        delay(batch, "history: " + e.getMessage(), Optional.empty());
        throw e; // it is nowhere else
      }
      LOG.debug("history: sent, and not kept: {}", batch);
    }
    queue.delivered(batch);
    recordSettled(batch);
  }

  /**
   * What a destination has and the journal could not be told of. False: the journal still cannot be
   * told.
   */
  boolean recordDelivered(DestinationId destination) {
    for (BatchId id : queue.deliveredUnrecorded(destination)) {
      try {
        recordSettled(id);
      } catch (IOException e) {
        delay(id, "journal: " + e.getMessage(), Optional.empty());
        return false;
      }
    }
    return true;
  }

  private void recordSettled(BatchId batch) throws IOException {
    journal.commitNow(new Entry.BatchSettled(batch));
    queue.remove(batch);
    bodies.remove(batch);
  }

  void settleExcept(BatchId batch, List<Rejection> rejections) throws IOException {
    @Nullable BatchRef ref = queue.ref(batch);
    if (ref == null) {
      return;
    }
    Trace trace = bodies.read(batch);
    Map<SpanId, Rejection> bySpan =
        rejections.stream().collect(Collectors.toMap(Rejection::span, r -> r, (a, b) -> a));
    List<Trace> again = part(trace, bySpan, false);
    List<Trace> dead = part(trace, bySpan, true);
    if (again.isEmpty() && dead.isEmpty()) {
      settle(batch);
      return;
    }
    if (bySpan.size() < trace.observations().size()) {
      keepQuietly(ref);
    }
    List<BatchRef> buried = staging.stageAgain(dead, ref);
    var parts = new ArrayList<BatchRef>(buried);
    parts.addAll(staging.stageAgain(again, ref));
    String reason = rejections.getFirst().reason();
    swap(ref, parts, reason);
    for (BatchRef letter : buried) {
      deadLetters.bury(letter.id(), reason);
    }
    Instant now = ticks.instant();
    parts.forEach(part -> queue.delay(part.id(), reason, Optional.empty(), now));
  }

  private void keepQuietly(BatchRef ref) {
    try {
      history.keep(ref, bodies.body(ref.id()));
    } catch (IOException e) {
      LOG.debug("history: sent in part, and not kept: {}: {}", ref.id(), e.toString());
    }
  }

  private static List<Trace> part(Trace trace, Map<SpanId, Rejection> bySpan, boolean permanent) {
    var spans =
        trace.observations().stream()
            .filter(
                observation -> {
                  Rejection rejection = bySpan.get(observation.frame().id());
                  return rejection != null && rejection.permanent() == permanent;
                })
            .toList();
    return spans.isEmpty() ? List.of() : List.of(TraceSplit.with(trace, spans));
  }

  void delay(BatchId batch, String reason, Optional<Duration> notBefore) {
    queue.delay(batch, reason, notBefore, ticks.instant());
  }

  void park(DestinationId destination, String reason, Duration recheck) {
    queue.park(destination, reason, ticks.instant().plus(recheck));
  }

  void replace(BatchId batch, String reason) throws IOException {
    @Nullable BatchRef ref = queue.ref(batch);
    if (ref == null) {
      return;
    }
    Trace trace = bodies.read(batch);
    List<Trace> parts = TraceSplit.halves(trace);
    if (parts.isEmpty()) {
      parts = TraceSplit.cut(trace).map(List::of).orElse(List.of());
      counters.count("outbox.cut");
    }
    if (parts.isEmpty()) {
      deadLetters.bury(batch, reason);
      return;
    }
    swap(ref, staging.stageAgain(parts, ref), reason);
  }

  private void swap(BatchRef old, List<BatchRef> by, String reason) throws IOException {
    journal.commitNow(new Entry.BatchReplaced(old.id(), by, reason));
    queue.replace(old.id(), by);
    staging.release(by);
    if (by.stream().noneMatch(part -> part.id().equals(old.id()))) {
      bodies.remove(old.id());
    }
  }
}
