package dev.turnpike.journal;

import dev.turnpike.journal.FactJson.Encoded;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only log that is the truth of the product, and the views rebuilt from it.
 *
 * <p>One thread writes. It takes what is waiting, writes it with one gathering write, and completes
 * futures: those of {@link #append} as soon as the bytes are with the operating system (they
 * survive the death of this process, and are on the disk within 200 ms), those of {@link #commit}
 * after the force. A view shows an entry from that moment on.
 *
 * <p>The price: an entry is refused, never delayed, when the disk refuses. A future that failed
 * means that it is <em>not known</em> whether the entry is there after a restart; within this
 * process it is not. Futures complete on the journal's thread: what hangs on them must be short, or
 * go elsewhere.
 */
public final class Journal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final int LIMIT_BATCH_ENTRIES = 512;
  private static final long LIMIT_BATCH_BYTES = 4L << 20;
  private static final long LIMIT_UNFORCED_BYTES = 4L << 20;
  private static final int LIMIT_BAD_SEGMENTS = 8;

  private sealed interface Task {}

  private record Waiting(Encoded record, Fact fact, boolean forced, CompletableFuture<Void> done)
      implements Task {}

  private record Close() implements Task {}

  private final Path directory;
  private final JournalLimits limits;
  private final InstantSource clock;
  private final DurableFiles files;
  private final JournalState state;
  private final SegmentLog log;
  private final long damagedRecords;
  private final long cutBytes;
  private final LinkedBlockingQueue<Task> queue;
  private final Thread writer;
  private final Object gate = new Object();
  private boolean closed;
  private volatile JournalHealth health;

  // Owned by the writer.
  private long sequence;
  private long forceDueNanos;
  private long compactNotBelowBytes;
  private long failedWrites;
  private long compactions;
  private int badSegments;
  private @Nullable String problem;

  private Journal(
      Path directory,
      JournalLimits limits,
      InstantSource clock,
      DurableFiles files,
      JournalState state,
      Recovery.Result found) {
    this.directory = directory;
    this.limits = limits;
    this.clock = clock;
    this.files = files;
    this.state = state;
    this.queue = new LinkedBlockingQueue<>(limits.queuedEntries());
    this.sequence = found.sequence();
    this.damagedRecords = found.damagedRecords();
    this.cutBytes = found.cutBytes();
    this.log = new SegmentLog(directory, files, found);
    setAside(found.damaged());
    this.health = healthNow();
    this.writer = Thread.ofPlatform().name("journal").daemon().unstarted(this::run);
  }

  public static Journal open(Path directory, JournalLimits limits, InstantSource clock)
      throws IOException {
    return open(directory, limits, clock, DurableFiles.real());
  }

  /**
   * Reads what is there. Damage is counted and set aside, never a reason not to open; a directory
   * that cannot be read is.
   */
  public static Journal open(
      Path directory, JournalLimits limits, InstantSource clock, DurableFiles files)
      throws IOException {
    files.createDirectory(directory);
    var state = new JournalState(limits.recentEvents());
    Recovery.Result found = new Recovery(directory, limits, files, state).recover();
    var journal = new Journal(directory, limits, clock, files, state, found);
    journal.writer.start();
    return journal;
  }

  /**
   * Completes when written: it survives the death of this process, and a power cut 200 ms later.
   */
  public CompletableFuture<Void> append(Entry entry) {
    return offer(entry, false);
  }

  /** Completes when it is on the disk. */
  public CompletableFuture<Void> commit(Entry entry) {
    return offer(entry, true);
  }

  /**
   * {@link #commit} and wait for it. After an IOException it is not known whether the entry is
   * there after a restart.
   */
  public void commitNow(Entry entry) throws IOException {
    try {
      commit(entry).join();
    } catch (CompletionException e) {
      throw new IOException("journal: " + message(e), e);
    }
  }

  public JournalView view() {
    return state;
  }

  public JournalHealth health() {
    return health;
  }

  /** Writes and forces what is waiting, then ends. Later entries are refused. */
  @Override
  public void close() {
    synchronized (gate) {
      if (closed) {
        return;
      }
      closed = true;
    }
    boolean interrupted = false;
    while (true) {
      try {
        queue.put(new Close());
        writer.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // what was taken over is written first
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<Void> offer(Entry entry, boolean forced) {
    var fact = new Fact.Told(entry, clock.instant());
    Encoded record = FactJson.encode(fact);
    if (SegmentFormat.recordBytes(record.payload().length) - SegmentFormat.FRAME_BYTES
        > limits.recordBytes()) {
      return refused("an entry of " + record.payload().length + " bytes is above the limit");
    }
    var waiting = new Waiting(record, fact, forced, new CompletableFuture<>());
    synchronized (gate) {
      if (closed) {
        return refused("the journal is closed");
      }
      if (!queue.offer(waiting)) {
        return refused("too many entries wait to be written");
      }
    }
    return waiting.done();
  }

  private static CompletableFuture<Void> refused(String why) {
    return CompletableFuture.failedFuture(new IOException(why));
  }

  private void run() {
    try {
      boolean open = true;
      while (open) {
        open = turn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      // A bug or no memory: without its writer the journal must say so rather than let every caller
      // wait.
      LOG.error("the journal's thread ends", e);
      problem = e.toString();
    } finally {
      end();
    }
  }

  /** One round: wait, write, force, complete. False when closed. */
  private boolean turn() throws InterruptedException {
    Task first = await();
    if (first == null) {
      force(List.of(), List.of());
      return true;
    }
    var batch = new ArrayList<Waiting>();
    boolean open = collect(first, batch);
    if (!batch.isEmpty()) {
      write(batch);
      maybeCompact();
    }
    if (!open && mustForce()) {
      force(List.of(), List.of());
    }
    health = healthNow();
    return open;
  }

  /**
   * Null when the force of something already acknowledged is due. Waits without waking up while
   * nothing is unforced.
   */
  private @Nullable Task await() throws InterruptedException {
    if (!mustForce()) {
      return queue.take();
    }
    return queue.poll(Math.max(0, forceDueNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private boolean mustForce() {
    return !log.needsSegment() && log.hasUnforced();
  }

  private boolean collect(Task first, List<Waiting> batch) {
    Task next = first;
    long bytes = 0;
    while (next != null) {
      switch (next) {
        case Close() -> {
          return false;
        }
        case Waiting waiting -> {
          batch.add(waiting);
          bytes += waiting.record().payload().length;
        }
      }
      if (batch.size() >= LIMIT_BATCH_ENTRIES || bytes >= LIMIT_BATCH_BYTES) {
        return true;
      }
      next = queue.poll();
    }
    return true;
  }

  private void write(List<Waiting> batch) {
    List<byte[]> records = batch.stream().map(waiting -> number(waiting.record())).toList();
    boolean fresh = !log.hasUnforced();
    try {
      if (log.needsSegment()) {
        log.begin();
      } else if (log.currentBytes() >= limits.segmentBytes()) {
        if (log.hasUnforced()) {
          log.force();
        }
        log.roll();
      }
      log.write(records);
    } catch (IOException e) {
      failed(batch, e);
      return;
    }
    if (fresh) {
      forceDueNanos = System.nanoTime() + limits.forceWithin().toNanos();
    }
    // Entries become true in their order: those behind a commit wait for its force.
    int acknowledged = 0;
    while (acknowledged < batch.size() && !batch.get(acknowledged).forced()) {
      log.acknowledgedUnforced(records.get(acknowledged));
      done(batch.get(acknowledged));
      acknowledged++;
    }
    boolean due = System.nanoTime() - forceDueNanos >= 0;
    if (acknowledged < batch.size() || due || log.unforcedBytes() > LIMIT_UNFORCED_BYTES) {
      force(batch.subList(acknowledged, batch.size()), batch);
    } else {
      problem = null;
    }
  }

  private void force(List<Waiting> waiting, List<Waiting> written) {
    try {
      log.force();
    } catch (IOException e) {
      failed(waiting, e);
      return;
    }
    waiting.forEach(this::done);
    if (!written.isEmpty()) {
      problem = null;
    }
  }

  private void done(Waiting waiting) {
    state.apply(waiting.fact());
    waiting.done().complete(null);
  }

  private void failed(List<Waiting> batch, IOException e) {
    failedWrites++;
    boolean repeated = problem != null;
    problem = e.toString();
    if (repeated) {
      LOG.debug("journal: still cannot write ({} failures): {}", failedWrites, e.toString());
    } else {
      LOG.error("journal: cannot write, hooks will spool: {}", e.toString());
    }
    health = healthNow();
    batch.forEach(waiting -> waiting.done().completeExceptionally(e));
    if (log.needsSegment() && log.hasUnforced()) {
      rescue();
    }
  }

  /** What was acknowledged and not forced is copied to a new segment at once, if that can be. */
  private void rescue() {
    try {
      log.begin();
    } catch (IOException e) {
      LOG.debug("journal: no new segment yet: {}", e.toString());
    }
  }

  private void maybeCompact() {
    long total = log.totalBytes();
    long live = state.liveBytes();
    long dead = total - live;
    if (log.needsSegment()
        || dead <= limits.compactAboveBytes()
        || dead <= live
        || total < compactNotBelowBytes) {
      return;
    }
    // Whether it works or not, the next try waits for as much growth again: an estimate may be
    // wrong for ever.
    compactNotBelowBytes = compact() ? 0 : total + limits.segmentBytes();
    if (log.totalBytes() > total / 2) {
      compactNotBelowBytes = log.totalBytes() + limits.compactAboveBytes();
    }
  }

  private boolean compact() {
    try {
      if (mustForce()) {
        log.force();
      }
      state.forgetIdle(clock.instant().minus(limits.sessionIdle()));
      List<Fact> facts = state.snapshot(clock.instant());
      log.compact(() -> encoded(facts.iterator()));
      compactions++;
      return true;
    } catch (IOException e) {
      failedWrites++;
      LOG.warn("journal: compaction failed, going on without: {}", e.toString());
      return false;
    }
  }

  private Iterator<byte[]> encoded(Iterator<Fact> facts) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return facts.hasNext();
      }

      @Override
      public byte[] next() {
        return number(FactJson.encode(facts.next()));
      }
    };
  }

  private byte[] number(Encoded record) {
    return SegmentFormat.record(record.kind(), ++sequence, record.payload());
  }

  /** Damaged segments are renamed once all that could be read of them stands in a new one. */
  private void setAside(List<Path> damaged) {
    if (!damaged.isEmpty() && compact()) {
      for (Path segment : damaged) {
        try {
          files.rename(segment, segment.resolveSibling(segment.getFileName() + ".bad"));
        } catch (IOException e) {
          LOG.warn("journal: cannot set {} aside: {}", segment, e.toString());
        }
      }
    }
    try {
      List<Path> bad =
          files.list(directory).stream().filter(file -> file.toString().endsWith(".bad")).toList();
      badSegments = bad.size();
      for (Path oldest : bad.subList(0, Math.max(0, bad.size() - LIMIT_BAD_SEGMENTS))) {
        files.delete(oldest);
      }
    } catch (IOException e) {
      LOG.warn("journal: cannot tidy damaged segments: {}", e.toString());
    }
  }

  private void end() {
    synchronized (gate) {
      closed = true;
    }
    log.close();
    health = healthNow();
    Task left = queue.poll();
    while (left != null) {
      if (left instanceof Waiting waiting) {
        waiting.done().completeExceptionally(new IOException("the journal was closed before this"));
      }
      left = queue.poll();
    }
  }

  private JournalHealth healthNow() {
    return new JournalHealth(
        problem == null,
        Optional.ofNullable(problem),
        log.segments(),
        log.totalBytes(),
        state.liveBytes(),
        badSegments,
        damagedRecords,
        cutBytes,
        failedWrites,
        compactions,
        sequence);
  }

  private static String message(CompletionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }
}
