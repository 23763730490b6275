package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Buried;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.BatchId;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches that no destination will take: out of the queue, their bodies kept within a limit, so
 * that a person may look and try again. The journal knows which they are. Beyond the limit the
 * oldest are dropped, counted and said.
 */
final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  private final Journal journal;
  private final SendQueue queue;
  private final Bodies bodies;
  private final OutboxLimits limits;
  private final Counters counters;

  DeadLetters(
      Journal journal, SendQueue queue, Bodies bodies, OutboxLimits limits, Counters counters) {
    this.journal = journal;
    this.queue = queue;
    this.bodies = bodies;
    this.limits = limits;
    this.counters = counters;
  }

  List<Buried> all() {
    return journal.view().buried();
  }

  void bury(BatchId batch, String reason) throws IOException {
    if (!queue.contains(batch)) {
      return;
    }
    journal.commitNow(new Entry.BatchBuried(batch, reason));
    queue.remove(batch);
    bodies.unpinWire(batch);
    counters.count("outbox.buried");
    LOG.warn("outbox: {} will not be taken: {}", batch, reason);
    bound();
  }

  private void bound() throws IOException {
    List<Buried> letters = all();
    long bytes = letters.stream().mapToLong(letter -> letter.ref().bytes()).sum();
    int count = letters.size();
    for (Buried oldest : letters) {
      if (count <= limits.deadLetters() && bytes <= limits.deadLetterBytes()) {
        return;
      }
      count--;
      bytes -= oldest.ref().bytes();
      drop(oldest.ref(), "too many dead letters");
    }
  }

  /** Queued again; empty if there is no such letter. */
  Optional<BatchRef> revive(BatchId batch) throws IOException {
    Optional<BatchRef> letter =
        all().stream().map(Buried::ref).filter(ref -> ref.id().equals(batch)).findFirst();
    if (letter.isPresent()) {
      journal.commitNow(new Entry.BatchRevived(batch));
      queue.add(letter.get(), Optional.empty());
    }
    return letter;
  }

  /** The end of a batch, waiting or dead, that nobody got. */
  void drop(BatchRef ref, String reason) throws IOException {
    journal.commitNow(new Entry.BatchDropped(ref.id(), reason));
    queue.remove(ref.id());
    bodies.remove(ref.id());
    counters.count("outbox.dropped");
    LOG.warn("outbox: {} is dropped: {}", ref.id(), reason);
  }
}
