package dev.turnpike.journal;

import dev.turnpike.journal.WaitingEntries.Waiting;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal's thread, and all that only the holder of the turn may touch: it writes what waits
 * with one gathering write, forces, completes, compacts. Sleeps without a timer while nothing is
 * unforced. While it sleeps, a caller may take the turn and write one entry itself.
 */
final class JournalWriter implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);
  private static final long LIMIT_UNFORCED_BYTES = 4L << 20;

  private final JournalLimits limits;
  private final JournalState state;
  private final SegmentLog log;
  private final Upkeep upkeep;
  private final WaitingEntries entries;
  private final long damagedRecords;
  private final long cutBytes;
  private final int badSegments;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile JournalHealth health;
  private volatile boolean lookAsked;

  private long forceDueNanos;
  private long failedWrites;
  private @Nullable String problem;

  /** Not started yet: damaged segments are compacted away on the opener's thread. */
  JournalWriter(
      JournalLimits limits,
      JournalState state,
      SegmentLog log,
      Upkeep upkeep,
      WaitingEntries entries,
      DamagedSegments aside,
      Recovery.Result found) {
    this.limits = limits;
    this.state = state;
    this.log = log;
    this.upkeep = upkeep;
    this.entries = entries;
    this.damagedRecords = found.damagedRecords();
    this.cutBytes = found.cutBytes();
    if (!found.damaged().isEmpty() && upkeep.compact()) {
      aside.rename(found.damaged());
    }
    this.badSegments = aside.bound();
    this.health = healthNow();
  }

  JournalHealth health() {
    return health;
  }

  /** Has the segments looked after soon if they are not as they should be. */
  void look() {
    if (!inOrder()) {
      lookAsked = true;
      entries.wake();
    }
  }

  /** False also if it is at work: then it can look itself. */
  private boolean inOrder() {
    if (!turn.tryLock()) {
      return false;
    }
    try {
      return problem == null && upkeep.inOrder();
    } catch (IOException e) {
      return false; // says what is wrong when it tries
    } finally {
      turn.unlock();
    }
  }

  @Override
  public void run() {
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
      entries.refuse();
      end();
      entries.failAll("the journal was closed before this");
    }
  }

  private void end() {
    turn.lock();
    try {
      log.close();
      health = healthNow();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Writes an entry that need not be forced on the thread it comes from. Not if that would overtake
   * another, make the caller wait, or be more than a write.
   *
   * @return whether the entry has its answer; if not, it is to be queued
   */
  boolean writeAtOnce(Waiting waiting) {
    if (!entries.beginPast()) {
      return false;
    }
    try {
      if (!turn.tryLock()) {
        return false;
      }
      try {
        if (log.needsSegment() || log.currentBytes() >= limits.segmentBytes() || forceIsDue()) {
          return false;
        }
        boolean fresh = !log.hasUnforced();
        if (write(List.of(waiting)).isPresent()) {
          problem = null;
        }
        if ((fresh && log.hasUnforced()) || upkeep.mayCompact()) {
          entries.wake();
        }
        health = healthNow();
        return true;
      } finally {
        turn.unlock();
      }
    } finally {
      entries.answered(1);
    }
  }

  /** One round: wait, write, force, complete. False when closed. */
  private boolean turn() throws InterruptedException {
    // Something already acknowledged may have to be forced before anything else comes.
    OptionalLong due = forceDue();
    Optional<WaitingEntries.Round> next =
        due.isPresent()
            ? entries.take(Math.max(0, due.getAsLong() - System.nanoTime()))
            : Optional.of(entries.take());
    turn.lock();
    try {
      if (next.isEmpty()) {
        // a caller's own write may have failed meanwhile and left the segment
        if (mustForce()) {
          var _ = force(List.of());
        }
        health = healthNow();
        return true;
      }
      List<Waiting> batch = next.get().entries();
      boolean open = !next.get().last();
      if (!batch.isEmpty()) {
        writeAndForce(batch);
      }
      if (lookAsked) {
        lookAsked = false;
        lookAfterSegments();
      }
      upkeep.maybeCompact();
      if (!open && mustForce()) {
        var _ = force(List.of());
      }
      health = healthNow();
      entries.answered(batch.size());
      return open;
    } finally {
      turn.unlock();
    }
  }

  private OptionalLong forceDue() {
    turn.lock();
    try {
      return mustForce() ? OptionalLong.of(forceDueNanos) : OptionalLong.empty();
    } finally {
      turn.unlock();
    }
  }

  private boolean mustForce() {
    return !log.needsSegment() && log.hasUnforced();
  }

  private void writeAndForce(List<Waiting> batch) {
    OptionalInt acknowledged = write(batch);
    if (acknowledged.isPresent()) {
      int first = acknowledged.getAsInt();
      if ((first == batch.size() && !forceIsDue()) || force(batch.subList(first, batch.size()))) {
        problem = null;
      }
    }
  }

  /**
   * Writes them, and answers those at the front that need no force: entries become true in their
   * order. How many these are; empty if nothing could be written, then all have their answer.
   */
  private OptionalInt write(List<Waiting> batch) {
    boolean fresh = !log.hasUnforced();
    List<byte[]> records;
    try {
      upkeep.makeRoom();
      records = upkeep.records(batch);
      log.write(records);
    } catch (IOException e) {
      failed(batch, e);
      return OptionalInt.empty();
    }
    if (fresh) {
      forceDueNanos = System.nanoTime() + limits.forceWithin().toNanos();
    }
    int acknowledged = 0;
    while (acknowledged < batch.size() && !batch.get(acknowledged).forced()) {
      log.acknowledgedUnforced(records.get(acknowledged));
      done(batch.get(acknowledged));
      acknowledged++;
    }
    return OptionalInt.of(acknowledged);
  }

  /**
   * Forces what is written, for those that wait for it or because it is time. Whether it could.
   * What can no longer be found by its name is not on the disk, whatever the system says.
   */
  private boolean force(List<Waiting> waiting) {
    try {
      log.force();
      if (!log.isNamed()) {
        upkeep.writeAnew();
        if (!waiting.isEmpty()) {
          log.write(upkeep.records(waiting));
          log.force();
        }
      }
    } catch (IOException e) {
      failed(waiting, e);
      return false;
    }
    waiting.forEach(this::done);
    return true;
  }

  private boolean forceIsDue() {
    return mustForce()
        && (System.nanoTime() - forceDueNanos >= 0 || log.unforcedBytes() > LIMIT_UNFORCED_BYTES);
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
      upkeep.makeSegment();
    } catch (IOException e) {
      LOG.debug("journal: no new segment yet: {}", e.toString());
    }
  }

  private void lookAfterSegments() {
    try {
      upkeep.look();
      problem = null;
    } catch (IOException e) {
      failed(List.of(), e);
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
        failedWrites + upkeep.failures(),
        upkeep.compactions(),
        upkeep.rewrites(),
        upkeep.sequence());
  }
}
