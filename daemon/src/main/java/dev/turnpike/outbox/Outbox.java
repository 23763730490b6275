package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.Buried;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import dev.turnpike.privacy.SealedTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sealed traces on their way out. A body is on the disk before a step names it; what is pending is
 * the journal's knowledge; a body goes only after the journal knows its fate. Every change of fate
 * is one entry, so that a stop between any two leaves either the old or the new.
 *
 * <p>Safe for all threads; methods that throw IOException wait for the disk.
 */
public final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private final Journal journal;
  private final History history;
  private final OutboxLimits limits;
  private final InstantSource clock;
  private final Counters counters;
  private final Bodies bodies;
  private volatile Consumer<DestinationId> wake = destination -> {};

  private final Object lock = new Object();
  private final SendQueue queue;
  private final Map<BatchId, BatchRef> staged = new HashMap<>();
  private long stagedBytes;

  private Outbox(
      Path directory,
      Journal journal,
      History history,
      OutboxLimits limits,
      InstantSource clock,
      RandomGenerator random,
      Counters counters,
      DurableFiles files) {
    this.journal = journal;
    this.history = history;
    this.limits = limits;
    this.clock = clock;
    this.counters = counters;
    this.bodies = new Bodies(directory, files);
    this.queue = new SendQueue(limits, random);
  }

  public static Outbox open(
      Path directory,
      Journal journal,
      History history,
      OutboxLimits limits,
      InstantSource clock,
      RandomGenerator random,
      Counters counters,
      DurableFiles files)
      throws IOException {
    files.createDirectory(directory);
    var outbox = new Outbox(directory, journal, history, limits, clock, random, counters, files);
    journal.view().pendingBatches().forEach(ref -> outbox.queue.add(ref, Optional.empty()));
    outbox.sweep(files.list(directory));
    return outbox;
  }

  /**
   * Files nobody names are of steps that never came true, or of batches settled just before a stop.
   */
  private void sweep(List<Path> found) throws IOException {
    Set<BatchId> dead =
        journal.view().buried().stream()
            .map(letter -> letter.ref().id())
            .collect(Collectors.toSet());
    boolean damaged = journal.health().damagedRecords() > 0;
    for (Path file : found) {
      String name = file.getFileName().toString();
      if (name.endsWith(Bodies.BODY)) {
        var id = new BatchId(name.substring(0, name.length() - Bodies.BODY.length()));
        if (queue.contains(id) || dead.contains(id) || (damaged && adopt(file, id))) {
          continue;
        }
        counters.count("outbox.orphan");
        bodies.delete(file);
      } else if (name.endsWith(Bodies.WIRE)) {
        BatchId id = new BatchId(name.substring(0, name.length() - Bodies.WIRE.length()));
        if (queue.contains(id)) {
          queue.wire(id, bodies.wire(id).map(bytes -> (long) bytes.length).orElse(0L));
        } else {
          bodies.delete(file);
        }
      } else if (name.endsWith(".tmp")) {
        bodies.delete(file);
      }
    }
  }

  /**
   * The journal lost records: a body nobody names may be of one of those. To send it again is
   * harmless, to lose it is not.
   */
  private boolean adopt(Path file, BatchId id) throws IOException {
    Body body;
    byte[] compressed;
    try {
      compressed = bodies.bytes(id);
      body = Body.read(compressed);
    } catch (IOException e) {
      LOG.warn("outbox: {} cannot be read: {}", file, e.toString());
      return false;
    }
    var ref =
        new BatchRef(
            id,
            body.destination(),
            body.session(),
            body.trace().id(),
            body.trace().observations().size(),
            compressed.length,
            clock.instant());
    journal.commitNow(new Entry.BatchesQueued(List.of(ref)));
    queue.add(ref, Optional.empty());
    counters.count("outbox.adopted");
    LOG.warn("outbox: the journal was damaged; {} is queued again", file);
    return true;
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
    List<Trace> parts = TraceSplit.split(trace, limits.spansPerBatch(), limits.estimatedBytes());
    return stageParts(parts, destination, session, true);
  }

  private List<BatchRef> stageParts(
      List<Trace> parts, DestinationId destination, SessionKey session, boolean bounded)
      throws IOException {
    Instant now = clock.instant();
    var drafts = new ArrayList<Bodies.Draft>();
    for (Trace part : parts) {
      drafts.add(Bodies.draft(part, destination, session, now));
    }
    long size = drafts.stream().mapToLong(draft -> draft.compressed().length).sum();
    synchronized (lock) {
      long held = queue.bytes() + stagedBytes;
      if (bounded && held + size > limits.queueBytes()) {
        counters.count("outbox.full");
        throw new OutboxFull(
            held + " bytes of traces wait to be sent, the limit is " + limits.queueBytes());
      }
      drafts.forEach(draft -> reserve(draft.ref()));
    }
    try {
      for (Bodies.Draft draft : drafts) {
        bodies.write(draft);
      }
      bodies.force();
    } catch (IOException e) {
      synchronized (lock) {
        drafts.forEach(draft -> unreserve(draft.ref().id()));
      }
      throw e;
    }
    return drafts.stream().map(Bodies.Draft::ref).toList();
  }

  private void reserve(BatchRef ref) {
    if (!queue.contains(ref.id()) && staged.put(ref.id(), ref) == null) {
      stagedBytes += ref.bytes();
    }
  }

  private void unreserve(BatchId id) {
    BatchRef ref = staged.remove(id);
    if (ref != null) {
      stagedBytes -= ref.bytes();
    }
  }

  /** After the step that names them was committed: they may be sent. */
  public void queued(List<BatchRef> batches) {
    Instant now = clock.instant();
    synchronized (lock) {
      for (BatchRef ref : batches) {
        unreserve(ref.id());
        queue.add(ref, Optional.of(now));
      }
    }
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
   * whose body is gone or unreadable is dropped and counted here.
   */
  public Optional<Batch> next(DestinationId destination, Instant now) throws IOException {
    List<BatchId> delivered;
    synchronized (lock) {
      delivered = queue.deliveredUnrecorded(destination);
    }
    for (BatchId id : delivered) {
      try {
        recordSettled(id);
      } catch (IOException e) {
        delay(id, "journal: " + e.getMessage(), Optional.empty());
        return Optional.empty();
      }
    }
    while (true) {
      Optional<BatchRef> ref;
      synchronized (lock) {
        ref = queue.take(destination, now);
      }
      if (ref.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(load(ref.get()));
      } catch (IOException e) {
        drop(ref.get(), "its body cannot be read: " + e.getMessage());
      }
    }
  }

  /**
   * When {@link #next} is worth asking again; empty: not before {@link #listen} says so. May be in
   * the past.
   */
  public Optional<Instant> ripeAt(DestinationId destination) {
    synchronized (lock) {
      return queue.ripeAt(destination);
    }
  }

  public Batch load(BatchRef batch) throws IOException {
    return new Batch(batch, bodies.read(batch.id()));
  }

  /** The bytes of the first attempt, if there was one. */
  public Optional<byte[]> wire(BatchRef batch) throws IOException {
    return bodies.wire(batch.id());
  }

  /** Every later attempt, also after a restart, is to send these bytes. */
  public void pinWire(BatchRef batch, byte[] bytes) throws IOException {
    bodies.pinWire(batch.id(), bytes);
    synchronized (lock) {
      queue.wire(batch.id(), bytes.length);
    }
  }

  /** The bytes were for a path the destination does not want. */
  public void unpinWire(BatchRef batch) {
    bodies.unpinWire(batch.id());
    synchronized (lock) {
      queue.wire(batch.id(), 0);
    }
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
      case SendResult.TooLarge(var reason) -> replace(batch.id(), reason);
      case SendResult.Refused(var reason) -> {
        if (batch.spans() > 1) {
          replace(batch.id(), reason);
        } else {
          bury(batch.id(), reason);
        }
      }
      case SendResult.OtherPath(_) -> {
        unpinWire(batch);
        synchronized (lock) {
          queue.again(batch.id());
        }
      }
    }
  }

  /** The destination has it. */
  public void settle(BatchId batch) throws IOException {
    BatchRef ref = pending(batch);
    if (ref == null) {
      return;
    }
    try {
      history.keep(ref, bodies.body(batch));
    } catch (IOException e) {
      counters.count("history.failed");
      if (ref.destination().local()) {
        delay(batch, "history: " + e.getMessage(), Optional.empty());
        throw e; // it is nowhere else
      }
      LOG.warn("history: cannot keep {}: {}", batch, e.toString());
    }
    synchronized (lock) {
      queue.delivered(batch);
      queue.succeeded(ref.destination());
    }
    recordSettled(batch);
  }

  private void recordSettled(BatchId batch) throws IOException {
    journal.commitNow(new Entry.BatchSettled(batch));
    synchronized (lock) {
      queue.remove(batch);
    }
    bodies.remove(batch);
  }

  /** The destination has all of it but these spans. */
  public void settleExcept(BatchId batch, List<Rejection> rejections) throws IOException {
    BatchRef ref = pending(batch);
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
    var parts = new ArrayList<BatchRef>(stageParts(dead, ref.destination(), ref.session(), false));
    List<BatchRef> buried = List.copyOf(parts);
    parts.addAll(stageParts(again, ref.destination(), ref.session(), false));
    String reason = rejections.getFirst().reason();
    swap(ref, parts, reason);
    for (BatchRef letter : buried) {
      bury(letter.id(), reason);
    }
    synchronized (lock) {
      parts.stream()
          .filter(part -> queue.contains(part.id()))
          .forEach(part -> queue.delay(part.id(), reason, Optional.empty(), clock.instant()));
    }
  }

  private void keepQuietly(BatchRef ref) {
    try {
      history.keep(ref, bodies.body(ref.id()));
    } catch (IOException e) {
      counters.count("history.failed");
      LOG.warn("history: cannot keep {}: {}", ref.id(), e.toString());
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

  /**
   * Passing trouble: backoff with full jitter for batch and destination, or what the destination
   * asked for.
   */
  public void delay(BatchId batch, String reason, Optional<Duration> notBefore) {
    synchronized (lock) {
      queue.delay(batch, reason, notBefore, clock.instant());
    }
  }

  /**
   * Split in halves, which take its place; a single span is cut to 64 Ki, then 4 Ki characters a
   * text, and at last buried.
   */
  public void replace(BatchId batch, String reason) throws IOException {
    BatchRef ref = pending(batch);
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
      bury(batch, reason);
      return;
    }
    swap(ref, stageParts(parts, ref.destination(), ref.session(), false), reason);
  }

  private void swap(BatchRef old, List<BatchRef> by, String reason) throws IOException {
    journal.commitNow(new Entry.BatchReplaced(old.id(), by, reason));
    synchronized (lock) {
      by.forEach(part -> unreserve(part.id()));
      queue.replace(old.id(), by);
    }
    if (by.stream().noneMatch(part -> part.id().equals(old.id()))) {
      bodies.remove(old.id());
    }
  }

  /** A dead letter: out of the queue, body kept. */
  public void bury(BatchId batch, String reason) throws IOException {
    if (pending(batch) == null) {
      return;
    }
    journal.commitNow(new Entry.BatchBuried(batch, reason));
    synchronized (lock) {
      queue.remove(batch);
    }
    bodies.unpinWire(batch);
    counters.count("outbox.buried");
    LOG.warn("outbox: {} will not be taken: {}", batch, reason);
    boundDeadLetters();
  }

  private void boundDeadLetters() throws IOException {
    List<Buried> letters = journal.view().buried();
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

  private void drop(BatchRef ref, String reason) throws IOException {
    journal.commitNow(new Entry.BatchDropped(ref.id(), reason));
    synchronized (lock) {
      queue.remove(ref.id());
    }
    bodies.remove(ref.id());
    counters.count("outbox.dropped");
    LOG.warn("outbox: {} is dropped: {}", ref.id(), reason);
  }

  /** A dead letter is tried again. */
  public void revive(BatchId batch) throws IOException {
    Optional<Buried> letter =
        journal.view().buried().stream().filter(b -> b.ref().id().equals(batch)).findFirst();
    if (letter.isEmpty()) {
      return;
    }
    journal.commitNow(new Entry.BatchRevived(batch));
    synchronized (lock) {
      queue.add(letter.get().ref(), Optional.empty());
    }
    wake.accept(letter.get().ref().destination());
  }

  /**
   * Nothing goes there until its credentials change ({@link #unpark}) or {@code recheck} is over.
   */
  public void park(DestinationId destination, String reason, Duration recheck) {
    synchronized (lock) {
      queue.park(destination, reason, clock.instant().plus(recheck));
    }
  }

  public void unpark(DestinationId destination) {
    boolean parked;
    synchronized (lock) {
      parked = queue.unpark(destination);
    }
    if (parked) {
      wake.accept(destination);
    }
  }

  /** Forgets delays and parking of all destinations, so that everything is tried now. */
  public void retryNow() {
    synchronized (lock) {
      queue.retryNow();
    }
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
        byte[] moved = Body.compress(new Body(body.session(), destination, body.trace()).json());
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
    synchronized (lock) {
      refs.forEach(ref -> queue.add(ref, Optional.empty()));
    }
    wakeAll(refs);
    return refs.size();
  }

  /** Drops what is pending or dead of a session, at the user's wish. Returns how many batches. */
  public int purge(SessionKey session) throws IOException {
    List<BatchRef> gone = new ArrayList<>();
    synchronized (lock) {
      gone.addAll(queue.of(session));
    }
    journal.view().buried().stream()
        .map(Buried::ref)
        .filter(ref -> ref.session().equals(session))
        .forEach(gone::add);
    for (BatchRef ref : gone) {
      drop(ref, "purged");
    }
    return gone.size();
  }

  /** Those with pending batches. */
  public List<DestinationId> destinations() {
    synchronized (lock) {
      return queue.destinations();
    }
  }

  public OutboxStatus status() {
    List<Buried> letters = journal.view().buried();
    synchronized (lock) {
      return new OutboxStatus(
          queue.size(), queue.bytes() + stagedBytes, limits.queueBytes(), queue.status(), letters);
    }
  }

  private @Nullable BatchRef pending(BatchId batch) {
    synchronized (lock) {
      return queue.ref(batch);
    }
  }
}
