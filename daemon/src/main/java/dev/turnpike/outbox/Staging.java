package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

  /** Softly: its buffers are as large as a turn, and of no use to a daemon at rest. */
  private final AtomicReference<@Nullable SoftReference<BodyWriter>> spare =
      new AtomicReference<>();

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
    writing(
        writer -> {
          writer.begin(session, destination, trace);
          TraceSplit.split(
              trace,
              limits.spansPerBatch(),
              limits.estimatedBytes(),
              writer,
              part -> drafts.add(Bodies.draft(part, destination, session, now)));
        });
    return write(drafts, true);
  }

  /** Of a batch that is already here: its parts are taken whatever waits. */
  List<BatchRef> stageAgain(List<Trace> parts, BatchRef of) throws IOException {
    Instant now = clock.instant();
    var drafts = new ArrayList<Bodies.Draft>();
    writing(
        writer -> {
          for (Trace part : parts) {
            byte[] body = writer.write(of.session(), of.destination(), part);
            var portion = new Portion(part, body);
            drafts.add(Bodies.draft(portion, of.destination(), of.session(), now));
          }
        });
    return write(drafts, false);
  }

  /** With the writer of the trace before, or another one while that is in use. */
  private void writing(Consumer<BodyWriter> work) {
    @Nullable BodyWriter kept = known(spare.getAndSet(null));
    BodyWriter writer = kept == null ? new BodyWriter() : kept;
    work.accept(writer);
    @Nullable BodyWriter other = known(spare.getAndSet(new SoftReference<>(writer)));
    if (other != null) {
      other.close();
    }
  }

  private static @Nullable BodyWriter known(@Nullable SoftReference<BodyWriter> reference) {
    return reference == null ? null : reference.get();
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
