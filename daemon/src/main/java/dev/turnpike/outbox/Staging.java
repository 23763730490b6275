package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Bodies that are on the disk and that no step names yet. They count against the queue's limit from
 * the moment they are written, so that many sessions at once cannot pass it together. Safe for all
 * threads.
 */
final class Staging {
  private final Bodies bodies;
  private final SendQueue queue;
  private final OutboxLimits limits;
  private final InstantSource clock;
  private final InstantSource ticks;
  private final Counters counters;

  private final Object lock = new Object();
  private final Map<BatchId, BatchRef> staged = new HashMap<>();
  private long stagedBytes;

  Staging(
      Bodies bodies,
      SendQueue queue,
      OutboxLimits limits,
      InstantSource clock,
      InstantSource ticks,
      Counters counters) {
    this.bodies = bodies;
    this.queue = queue;
    this.limits = limits;
    this.clock = clock;
    this.ticks = ticks;
    this.counters = counters;
  }

  /** Of a new trace, in parts that a destination takes. */
  List<BatchRef> stage(Trace trace, DestinationId destination, SessionKey session)
      throws IOException {
    Instant now = clock.instant();
    var drafts = new ArrayList<Bodies.Draft>();
    TraceSplit.split(
        trace,
        limits.spansPerBatch(),
        limits.estimatedBytes(),
        part -> drafts.add(Bodies.draft(part, destination, session, now)));
    return write(drafts, true);
  }

  /** Of a batch that is already here: its parts are taken whatever waits. */
  List<BatchRef> stageAgain(List<Trace> parts, BatchRef of) throws IOException {
    Instant now = clock.instant();
    var drafts = new ArrayList<Bodies.Draft>();
    for (Trace part : parts) {
      drafts.add(Bodies.draft(Portion.of(part), of.destination(), of.session(), now));
    }
    return write(drafts, false);
  }

  private List<BatchRef> write(List<Bodies.Draft> drafts, boolean bounded) throws IOException {
    List<BatchRef> refs = drafts.stream().map(Bodies.Draft::ref).toList();
    reserve(refs, bounded);
    try {
      for (Bodies.Draft draft : drafts) {
        bodies.write(draft);
      }
      bodies.force();
    } catch (IOException e) {
      release(refs);
      throw e;
    }
    return refs;
  }

  private void reserve(List<BatchRef> refs, boolean bounded) throws OutboxFull {
    synchronized (lock) {
      if (bounded) {
        requireRoom(refs);
      }
      for (BatchRef ref : refs) {
        if (!queue.contains(ref.id()) && staged.put(ref.id(), ref) == null) {
          stagedBytes += ref.bytes();
        }
      }
    }
  }

  private void requireRoom(List<BatchRef> refs) throws OutboxFull {
    int batches = queue.size() + staged.size();
    if (batches + refs.size() > limits.queueBatches()) {
      counters.count("outbox.full");
      throw new OutboxFull(
          batches + " batches wait to be sent, the limit is " + limits.queueBatches());
    }
    long bytes = queue.bytes() + stagedBytes;
    if (bytes + refs.stream().mapToLong(BatchRef::bytes).sum() > limits.queueBytes()) {
      counters.count("outbox.full");
      throw new OutboxFull(
          bytes + " bytes of traces wait to be sent, the limit is " + limits.queueBytes());
    }
  }

  /** Their step is committed: they wait to be sent. */
  void queued(List<BatchRef> refs) {
    Instant now = ticks.instant();
    // First there, then gone from here: in between they count twice, never not at all.
    refs.forEach(ref -> queue.add(ref, Optional.of(now)));
    release(refs);
  }

  void release(List<BatchRef> refs) {
    synchronized (lock) {
      for (BatchRef ref : refs) {
        BatchRef known = staged.remove(ref.id());
        if (known != null) {
          stagedBytes -= known.bytes();
        }
      }
    }
  }

  long bytes() {
    synchronized (lock) {
      return stagedBytes;
    }
  }
}
