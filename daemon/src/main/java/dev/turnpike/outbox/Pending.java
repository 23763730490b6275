package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import java.time.Instant;

/** A batch that waits, as {@link SendQueue} knows it, which also guards it. */
final class Pending {
  final BatchRef ref;

  /** In the order of the whole queue; the parts of what was split share one. */
  final long place;

  /** {@code Instant.MIN}: it was not staged by this process. */
  final Instant liveUntil;

  int attempts;
  Instant notBefore = Instant.MIN;
  long wireBytes;
  boolean delivered;

  Pending(BatchRef ref, long place, Instant liveUntil) {
    this.ref = ref;
    this.place = place;
    this.liveUntil = liveUntil;
  }
}
