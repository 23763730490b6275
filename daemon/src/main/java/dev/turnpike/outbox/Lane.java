package dev.turnpike.outbox;

import dev.turnpike.model.BatchId;
import dev.turnpike.model.TraceId;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The way to one destination, as {@link SendQueue} knows it, which also guards it. */
final class Lane {
  private static final int LIMIT_REFUSED = 1000;

  private @Nullable BatchId inFlight;
  private final Backlog backlog = new Backlog();
  private int failures;

  /** Of what it has refused for good since it last took something; more than these look alike. */
  private final Set<TraceId> refused = new HashSet<>();

  private Instant notBefore = Instant.MIN;
  private Optional<String> parked = Optional.empty();
  private Optional<String> lastProblem = Optional.empty();

  /** What waits to go this way. */
  Backlog backlog() {
    return backlog;
  }

  boolean busy() {
    return inFlight != null;
  }

  boolean closed(Instant now) {
    return busy() || now.isBefore(notBefore);
  }

  /** Whatever it was parked for, the time is over. */
  void open() {
    parked = Optional.empty();
  }

  void send(BatchId batch) {
    inFlight = batch;
  }

  void release(BatchId batch) {
    if (batch.equals(inFlight)) {
      inFlight = null;
    }
  }

  void succeeded() {
    failures = 0;
    refused.clear();
    notBefore = Instant.MIN;
    lastProblem = Optional.empty();
  }

  /** Returns how often in a row. */
  int failed(String reason) {
    lastProblem = Optional.of(reason);
    return ++failures;
  }

  /**
   * Something of that trace will never be taken. Returns of how many traces that is so, with
   * nothing taken in between.
   */
  int refused(TraceId trace) {
    if (refused.size() < LIMIT_REFUSED) {
      refused.add(trace);
    }
    return refused.size();
  }

  void holdUntil(Instant when) {
    notBefore = when;
  }

  void park(String reason, Instant until) {
    inFlight = null;
    parked = Optional.of(reason);
    lastProblem = Optional.of(reason);
    notBefore = until;
  }

  /** Everything may be tried now. */
  void retryNow() {
    notBefore = Instant.MIN;
    parked = Optional.empty();
  }

  Instant notBefore() {
    return notBefore;
  }

  int failures() {
    return failures;
  }

  Optional<String> parked() {
    return parked;
  }

  Optional<String> lastProblem() {
    return lastProblem;
  }
}
