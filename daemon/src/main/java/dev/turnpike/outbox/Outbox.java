package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Buried;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import dev.turnpike.privacy.SealedTrace;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Sealed traces on their way out. A body is on the disk before a step names it; what is pending is
 * the journal's knowledge; a body goes only after the journal knows its fate. Every change of fate
 * is one entry, so that a stop between any two leaves either the old or the new.
 *
 * <p>This is the room's door. Behind it: {@link Staging} (written, not yet true), {@link SendQueue}
 * (which goes next), {@link Fates} (what a result does), {@link DeadLetters}, {@link Bodies} (the
 * files), {@link Leftovers} (what a start finds).
 *
 * <p>Safe for all threads; methods that throw IOException wait for the disk.
 */
public final class Outbox {
  private final Journal journal;
  private final History history;
  private final OutboxLimits limits;
  private final InstantSource clock;
  private final InstantSource ticks;
  private final Bodies bodies;
  private final SendQueue queue;
  private final Staging staging;
  private final DeadLetters deadLetters;
  private final Fates fates;
  private volatile Consumer<DestinationId> wake = destination -> {};

  private Outbox(
      Journal journal,
      History history,
      OutboxLimits limits,
      InstantSource clock,
      InstantSource ticks,
      Counters counters,
      Bodies bodies,
      SendQueue queue) {
    this.journal = journal;
    this.history = history;
    this.limits = limits;
    this.clock = clock;
    this.ticks = ticks;
    this.bodies = bodies;
    this.queue = queue;
    this.staging = new Staging(bodies, queue, limits, clock, ticks, counters);
    this.deadLetters = new DeadLetters(journal, queue, bodies, limits, counters);
    this.fates = new Fates(journal, history, queue, staging, deadLetters, bodies, ticks, counters);
  }

  /**
   * @param ticks what delays are measured with, as is the {@code now} of {@link #next}; {@code
   *     clock} is for what is written down
   */
  public static Outbox open(
      Path directory,
      Journal journal,
      History history,
      OutboxLimits limits,
      InstantSource clock,
      InstantSource ticks,
      RandomGenerator random,
      Counters counters,
      DurableFiles files)
      throws IOException {
    files.createDirectory(directory);
    var bodies = new Bodies(directory, files);
    var queue = new SendQueue(limits, random);
    journal.view().pendingBatches().forEach(ref -> queue.add(ref, Optional.empty()));
    new Leftovers(journal, queue, bodies, clock, counters).sweep(files.list(directory));
    return new Outbox(journal, history, limits, clock, ticks, counters, bodies, queue);
  }

  /**
   * Writes the bodies; nothing is true until a step names the refs. Never remove a staged body
   * because a commit failed: the step may be found true after a restart. Staging the same trace
   * again gives the same batches.
   *
   * @throws OutboxFull nothing was staged, try again later
   */
  public List<BatchRef> stage(SealedTrace trace, DestinationId destination, SessionKey session)
      throws IOException {
    return stage(trace.trace(), destination, session);
  }

  List<BatchRef> stage(Trace trace, DestinationId destination, SessionKey session)
      throws IOException {
    return staging.stage(trace, destination, session);
  }

  /** After the step that names them was committed: they may be sent. */
  public void queued(List<BatchRef> batches) {
    staging.queued(batches);
    wakeAll(batches);
  }

  private void wakeAll(List<BatchRef> batches) {
    batches.stream().map(BatchRef::destination).distinct().forEach(wake);
  }

  /**
   * Called, quickly and from any thread, when a destination may have something to send earlier than
   * it last seemed.
   */
  public void listen(Consumer<DestinationId> listener) {
    this.wake = listener;
  }

  /**
   * The next batch to send, now in flight: exactly one of {@link #record}, settle, settleExcept,
   * delay, replace, bury or park must follow. Empty if none is ripe or one is in flight. A batch
   * whose body is gone or damaged is dropped and counted here.
   */
  public Optional<Batch> next(DestinationId destination, Instant now) throws IOException {
    if (!fates.recordDelivered(destination)) {
      return Optional.empty();
    }
    while (true) {
      Optional<BatchRef> ref = queue.take(destination, now);
      if (ref.isEmpty()) {
        return Optional.empty();
      }
      byte[] body;
      try {
        body = bodies.bytes(ref.get().id());
      } catch (NoSuchFileException e) {
        deadLetters.drop(ref.get(), "its body is gone");
        continue;
      } catch (IOException e) {
        // too many open files, a disk that answers again later: no reason to lose a turn
        delay(ref.get().id(), "its body cannot be read now: " + e.getMessage(), Optional.empty());
        return Optional.empty();
      }
      try {
        return Optional.of(new Batch(ref.get(), Body.read(body).trace()));
      } catch (IOException e) {
        deadLetters.drop(ref.get(), "its body is damaged: " + e.getMessage());
      }
    }
  }

  /**
   * When {@link #next} is worth asking again; empty: not before {@link #listen} says so. May be in
   * the past.
   */
  public Optional<Instant> ripeAt(DestinationId destination) {
    return queue.ripeAt(destination);
  }

  /**
   * To be shown. Empty if its body is gone: it was sent since somebody knew that it waits, and is
   * in the history by then; or it is lost, and will be counted when it is its turn.
   */
  public Optional<Batch> load(BatchRef batch) throws IOException {
    try {
      return Optional.of(new Batch(batch, bodies.read(batch.id())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The bytes of the first attempt, if there was one. */
  public Optional<byte[]> wire(BatchRef batch) throws IOException {
    return bodies.wire(batch.id());
  }

  /** Every later attempt, also after a restart, is to send these bytes. */
  public void pinWire(BatchRef batch, byte[] bytes) throws IOException {
    bodies.pinWire(batch.id(), bytes);
    queue.wire(batch.id(), bytes.length);
  }

  /** The bytes were for a path the destination does not want. */
  public void unpinWire(BatchRef batch) {
    bodies.unpinWire(batch.id());
    queue.wire(batch.id(), 0);
  }

  /** As {@link #wire(BatchRef)}. */
  public Optional<byte[]> wire(Batch batch) throws IOException {
    return wire(batch.ref());
  }

  /** As {@link #pinWire(BatchRef, byte[])}. */
  public void pinWire(Batch batch, byte[] bytes) throws IOException {
    pinWire(batch.ref(), bytes);
  }

  /** As {@link #record(BatchRef, SendResult)}. */
  public void record(Batch batch, SendResult result) throws IOException {
    record(batch.ref(), result);
  }

  /** Does what a result asks for: the one call a delivery loop needs. */
  public void record(BatchRef batch, SendResult result) throws IOException {
    fates.record(batch, result);
  }

  /** The destination has it. */
  public void settle(BatchId batch) throws IOException {
    fates.settle(batch);
  }

  /** The destination has all of it but these spans. */
  public void settleExcept(BatchId batch, List<Rejection> rejections) throws IOException {
    fates.settleExcept(batch, rejections);
  }

  /**
   * Passing trouble: backoff with full jitter for batch and destination, or what the destination
   * asked for.
   */
  public void delay(BatchId batch, String reason, Optional<Duration> notBefore) {
    fates.delay(batch, reason, notBefore);
  }

  /**
   * Split in halves, which take its place; a single span is cut to 64 Ki, then 4 Ki characters a
   * text, and at last buried.
   */
  public void replace(BatchId batch, String reason) throws IOException {
    fates.replace(batch, reason);
  }

  /** A dead letter: out of the queue, body kept. */
  public void bury(BatchId batch, String reason) throws IOException {
    deadLetters.bury(batch, reason);
  }

  /** A dead letter is tried again. */
  public void revive(BatchId batch) throws IOException {
    deadLetters.revive(batch).map(BatchRef::destination).ifPresent(wake);
  }

  /**
   * Nothing goes there until its credentials change ({@link #unpark}) or {@code recheck} is over.
   */
  public void park(DestinationId destination, String reason, Duration recheck) {
    fates.park(destination, reason, recheck);
  }

  public void unpark(DestinationId destination) {
    if (queue.unpark(destination)) {
      wake.accept(destination);
    }
  }

  /** Forgets delays and parking of all destinations, so that everything is tried now. */
  public void retryNow() {
    queue.retryNow();
    destinations().forEach(wake);
  }

  /** Queues traces that were only kept here for {@code destination}. Returns how many batches. */
  public int requeue(String traceIdPrefix, DestinationId destination) throws IOException {
    var refs = new ArrayList<BatchRef>();
    for (History.KeptTrace kept : history.find(traceIdPrefix, Integer.MAX_VALUE)) {
      for (HistoryEntry entry : kept.bodies()) {
        Optional<byte[]> compressed = entry.sent() ? Optional.empty() : history.bytes(entry);
        if (compressed.isEmpty()) {
          continue;
        }
        Body body = Body.read(compressed.get());
        byte[] moved = new Body(body.session(), destination, body.trace()).compress();
        var ref =
            new BatchRef(
                Bodies.id(Bodies.contentOf(entry.id()), destination),
                destination,
                body.session(),
                body.trace().id(),
                body.trace().observations().size(),
                moved.length,
                entry.staged());
        bodies.write(ref.id(), moved);
        refs.add(ref);
      }
    }
    if (refs.isEmpty()) {
      return 0;
    }
    bodies.force();
    journal.commitNow(new Entry.BatchesQueued(refs));
    refs.forEach(ref -> queue.add(ref, Optional.empty()));
    wakeAll(refs);
    return refs.size();
  }

  /** Drops what is pending or dead of a session, at the user's wish. Returns how many batches. */
  public int purge(SessionKey session) throws IOException {
    return purge(queue.of(session), ref -> ref.session().equals(session));
  }

  /** The same for all that would go to one destination. */
  public int purge(DestinationId destination) throws IOException {
    return purge(queue.of(destination), ref -> ref.destination().equals(destination));
  }

  private int purge(List<BatchRef> waiting, Predicate<BatchRef> dead) throws IOException {
    var gone = new ArrayList<BatchRef>(waiting);
    deadLetters.all().stream().map(Buried::ref).filter(dead).forEach(gone::add);
    for (BatchRef ref : gone) {
      deadLetters.drop(ref, "purged");
    }
    return gone.size();
  }

  /** Those with pending batches. */
  public List<DestinationId> destinations() {
    return queue.destinations();
  }

  /** What waits for those destinations; asked once for each that has something. */
  public Waiting waiting(Predicate<DestinationId> which) {
    return queue.waiting(which);
  }

  /** What is held against the queue's limit. */
  public long bytes() {
    return queue.bytes() + staging.bytes();
  }

  public OutboxStatus status() {
    Duration ahead = Duration.between(ticks.instant(), clock.instant());
    return new OutboxStatus(
        queue.size(),
        bytes(),
        limits.queueBatches(),
        limits.queueBytes(),
        queue.status().stream().map(each -> each.shownBy(ahead)).toList(),
        deadLetters.all());
  }
}
