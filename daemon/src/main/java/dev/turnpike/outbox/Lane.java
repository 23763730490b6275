package dev.turnpike.outbox;

import dev.turnpike.model.BatchId;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The way to one destination, as {@link SendQueue} knows it, which also guards it. */
final class Lane {
  private @Nullable BatchId inFlight;
  private int failures;
  private int refusals;
  private Instant notBefore = Instant.MIN;
  private Optional<String> parked = Optional.empty();
  private Optional<String> lastProblem = Optional.empty();

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
    refusals = 0;
    notBefore = Instant.MIN;
    lastProblem = Optional.empty();
  }

  /** Returns how often in a row. */
  int failed(String reason) {
    lastProblem = Optional.of(reason);
    return ++failures;
  }

  /** Something will never be taken. Returns how often in a row, with nothing taken in between. */
  int refused() {
    return ++refusals;
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
