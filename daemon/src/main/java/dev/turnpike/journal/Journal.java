package dev.turnpike.journal;

import dev.turnpike.journal.FactJson.Encoded;
import dev.turnpike.journal.WaitingEntries.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/**
 * The append-only log that is the truth of the product, and the views rebuilt from it.
 *
 * <p>One thread writes. It takes what is waiting, writes it with one gathering write, and completes
 * futures: those of {@link #append} as soon as the bytes are with the operating system (they
 * survive the death of this process, and are on the disk within 200 ms), those of {@link #commit}
 * after the force. A view shows an entry from that moment on. Where that thread has nothing to do,
 * {@code append} writes on its caller's thread: two thread switches are most of what a hook waits
 * for.
 *
 * <p>The price: an entry is refused, never delayed, when the disk refuses. A future that failed
 * means that it is <em>not known</em> whether the entry is there after a restart; within this
 * process it is not. Futures complete on the journal's thread, or before {@code append} returns:
 * what hangs on them must be short, or go elsewhere.
 */
public final class Journal implements AutoCloseable {
  private final JournalLimits limits;
  private final InstantSource clock;
  private final JournalState state;
  private final WaitingEntries entries;
  private final JournalWriter writer;
  private final Thread thread;

  private Journal(
      JournalLimits limits,
      InstantSource clock,
      JournalState state,
      WaitingEntries entries,
      JournalWriter writer) {
    this.limits = limits;
    this.clock = clock;
    this.state = state;
    this.entries = entries;
    this.writer = writer;
    this.thread = Thread.ofPlatform().name("journal").daemon().unstarted(writer);
  }

  public static Journal open(Path directory, JournalLimits limits, InstantSource clock)
      throws IOException {
    return open(directory, limits, clock, DurableFiles.real());
  }

  public static Journal open(
      Path directory, JournalLimits limits, InstantSource clock, DurableFiles files)
      throws IOException {
    return open(directory, limits, clock, files, () -> true);
  }

  /**
   * Reads what is there. Damage is counted and set aside, never a reason not to open; a directory
   * that cannot be read is.
   *
   * @param ours whether the directory still is this daemon's to write in; asked when segments were
   *     removed under it
   */
  public static Journal open(
      Path directory,
      JournalLimits limits,
      InstantSource clock,
      DurableFiles files,
      BooleanSupplier ours)
      throws IOException {
    files.createDirectory(directory);
    var state = new JournalState(limits.recentEvents());
    Recovery.Result found = new Recovery(directory, limits, files, state).recover();
    var entries = new WaitingEntries(limits.queuedEntries());
    var log = new SegmentLog(directory, files, found);
    var writer =
        new JournalWriter(
            limits,
            state,
            log,
            new Upkeep(limits, clock, state, log, found.sequence(), ours),
            entries,
            new DamagedSegments(directory, files),
            found);
    var journal = new Journal(limits, clock, state, entries, writer);
    journal.thread.start();
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
    return writer.health();
  }

  /**
   * Has it look, soon, whether its segments are still there and whether a disk that refused takes
   * writes again.
   */
  public void look() {
    writer.look();
  }

  /** Writes and forces what is waiting, then ends. Later entries are refused. */
  @Override
  public void close() {
    if (!entries.refuse()) {
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        entries.end();
        thread.join();
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
      return CompletableFuture.failedFuture(
          new IOException("an entry of " + record.payload().length + " bytes is above the limit"));
    }
    var waiting = new Waiting(record, fact, forced, new CompletableFuture<>());
    return !forced && writer.writeAtOnce(waiting) ? waiting.done() : entries.offer(waiting);
  }

  private static String message(CompletionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }
}
