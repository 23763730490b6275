package dev.turnpike.journal;

import dev.turnpike.journal.FactJson.Encoded;
import dev.turnpike.journal.WaitingEntries.Waiting;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes segments: the next one, a compacted one, and one that holds everything anew where somebody
 * removed what was there. Gives records their numbers. Owned by the holder of the writer's turn.
 */
final class Upkeep {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  private final JournalLimits limits;
  private final InstantSource clock;
  private final JournalState state;
  private final SegmentLog log;
  private final BooleanSupplier ours;

  private long sequence;
  private long compactNotBelowBytes;
  private long failures;
  private long compactions;
  private long rewrites;

  /**
   * @param ours whether the directory still is this daemon's to write in
   */
  Upkeep(
      JournalLimits limits,
      InstantSource clock,
      JournalState state,
      SegmentLog log,
      long sequence,
      BooleanSupplier ours) {
    this.limits = limits;
    this.clock = clock;
    this.state = state;
    this.log = log;
    this.sequence = sequence;
    this.ours = ours;
  }

  long sequence() {
    return sequence;
  }

  long failures() {
    return failures;
  }

  long compactions() {
    return compactions;
  }

  long rewrites() {
    return rewrites;
  }

  /** As bytes. To be asked after a segment was made: numbers grow along the segments. */
  List<byte[]> records(List<Waiting> batch) {
    var records = new ArrayList<byte[]>(batch.size());
    for (Waiting waiting : batch) {
      records.add(number(waiting.record()));
    }
    return records;
  }

  private byte[] number(Encoded record) {
    return SegmentFormat.record(record.kind(), ++sequence, record.payload());
  }

  /** Leaves a segment with room to write to. */
  void makeRoom() throws IOException {
    if (log.needsSegment()) {
      makeSegment();
    } else if (log.currentBytes() >= limits.segmentBytes()) {
      if (log.hasUnforced()) {
        log.force();
      }
      if (log.isNamed()) {
        log.roll();
      } else {
        writeAnew();
      }
    }
  }

  /** Where there is none to write to. */
  void makeSegment() throws IOException {
    requireOurs();
    if (log.isWhole()) {
      log.begin();
    } else {
      writeAnew();
    }
  }

  /** Whether {@link #look} has nothing to do. */
  boolean inOrder() throws IOException {
    return !log.needsSegment() && log.isWhole();
  }

  /** Mends what can be mended while nothing is to be written. */
  void look() throws IOException {
    if (log.needsSegment()) {
      makeSegment();
    } else if (!log.isWhole()) {
      writeAnew();
    }
  }

  /**
   * Somebody removed segments under us: all that was acknowledged stands in memory, and goes to a
   * new one. Not if another daemon took the removed directory's place.
   */
  void writeAnew() throws IOException {
    try {
      requireOurs();
      writeAll();
    } catch (IOException e) {
      log.close(); // nothing may go to a file without a name
      throw e;
    }
    rewrites++;
    LOG.error("journal: its segments were removed; all that is known was written anew");
  }

  private void requireOurs() throws IOException {
    if (!ours.getAsBoolean()) {
      throw new IOException("its directory was removed, and is not ours to make again");
    }
  }

  boolean mayCompact() {
    long total = log.totalBytes();
    long live = state.liveBytes();
    long dead = total - live;
    return !log.needsSegment()
        && dead > limits.compactAboveBytes()
        && dead > live
        && total >= compactNotBelowBytes;
  }

  void maybeCompact() {
    if (!mayCompact()) {
      return;
    }
    long total = log.totalBytes();
    // Whether it works or not, the next try waits for as much growth again: an estimate may be
    // wrong for ever.
    compactNotBelowBytes = compact() ? 0 : total + limits.segmentBytes();
    if (log.totalBytes() > total / 2) {
      compactNotBelowBytes = log.totalBytes() + limits.compactAboveBytes();
    }
  }

  boolean compact() {
    try {
      if (!log.needsSegment() && log.hasUnforced()) {
        log.force();
      }
      state.forgetIdle(clock.instant().minus(limits.sessionIdle()));
      writeAll();
      compactions++;
      return true;
    } catch (IOException e) {
      failures++;
      LOG.warn("journal: compaction failed, going on without: {}", e.toString());
      return false;
    }
  }

  private void writeAll() throws IOException {
    List<Fact> facts = state.snapshot(clock.instant());
    log.compact(() -> encoded(facts.iterator()));
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
}
