package dev.turnpike.journal;

import dev.turnpike.journal.SegmentFormat.Found;
import dev.turnpike.journal.SegmentFormat.Header;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the segments of a directory into a state. Writes nothing but what makes the directory
 * simpler: half-made and void segments go, and the torn tail of the last segment is left to whoever
 * opens it for writing.
 *
 * <p>In the last segment reading stops at a torn tail: what lies there was not promised. Damage in
 * an earlier one, or with whole records behind it, is no torn tail: the rest is read as far as
 * lengths can be believed, the damage is counted, and the segment is named in {@code damaged}, to
 * be set aside once the state was written anew.
 */
final class Recovery {
  /**
   * A segment that stays. {@code bytes} is its file's size, or where its good part ends for the
   * last one.
   */
  record Segment(long number, Path file, long bytes) {}

  /**
   * @param last where to go on writing; empty: begin a new segment
   * @param highest number in use by any file, so that a new one is above it
   */
  record Result(
      List<Segment> segments,
      Optional<Segment> last,
      List<Path> damaged,
      long base,
      long highest,
      long sequence,
      long damagedRecords,
      long cutBytes) {}

  private record Candidate(long number, Path file, byte[] bytes, Optional<Header> header) {}

  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final long LIMIT_SEGMENT_BYTES = 1L << 30;
  private static final String HALF_MADE = ".tmp";

  private final Path directory;
  private final JournalLimits limits;
  private final DurableFiles files;
  private final JournalState state;
  private final List<Path> damaged = new ArrayList<>();
  private long highest;
  private long base;
  private long sequence;
  private long damagedRecords;
  private long cutBytes;

  Recovery(Path directory, JournalLimits limits, DurableFiles files, JournalState state) {
    this.directory = directory;
    this.limits = limits;
    this.files = files;
    this.state = state;
  }

  Result recover() throws IOException {
    List<Candidate> all = candidates();
    all.forEach(c -> c.header().ifPresent(header -> base = Math.max(base, header.base())));
    var segments = new ArrayList<Segment>();
    for (int i = 0; i < all.size(); i++) {
      Candidate candidate = all.get(i);
      if (candidate.number() < base) {
        tidy(candidate.file());
        continue;
      }
      boolean last = i == all.size() - 1;
      long good;
      if (candidate.header().isEmpty()) {
        // A segment gets its name only when its header is on the disk: this is damage, wherever it
        // stands.
        LOG.warn("journal segment {} has no readable header", candidate.file());
        damagedRecords++;
        damaged.add(candidate.file());
        good = readEarlier(candidate, candidate.bytes().length);
      } else {
        good = last ? readLast(candidate) : readEarlier(candidate, goodEnd(candidate, all, i));
      }
      segments.add(new Segment(candidate.number(), candidate.file(), good));
    }
    boolean open = !segments.isEmpty() && !damaged.contains(segments.getLast().file());
    return new Result(
        segments,
        open ? Optional.of(segments.getLast()) : Optional.empty(),
        List.copyOf(damaged),
        base,
        highest,
        sequence,
        damagedRecords,
        cutBytes);
  }

  private List<Candidate> candidates() throws IOException {
    var all = new ArrayList<Candidate>();
    for (Path file : files.list(directory)) {
      OptionalLong number = SegmentFormat.number(file);
      if (number.isEmpty()) {
        if (file.toString().endsWith(HALF_MADE)) {
          tidy(file);
        }
        continue;
      }
      highest = Math.max(highest, number.getAsLong());
      byte[] bytes = files.read(file, LIMIT_SEGMENT_BYTES);
      Optional<Header> header =
          SegmentFormat.header(bytes).filter(h -> h.number() == number.getAsLong());
      all.add(new Candidate(number.getAsLong(), file, bytes, header));
    }
    return all;
  }

  /** How much of the segment counts, by the word of the one after it. */
  private static long goodEnd(Candidate candidate, List<Candidate> all, int i) {
    long whole = candidate.bytes().length;
    return all.get(i + 1)
        .header()
        .filter(next -> next.number() == candidate.number() + 1)
        .filter(next -> next.previousGood() != SegmentFormat.WHOLE)
        .map(next -> Math.min(next.previousGood(), whole))
        .orElse(whole);
  }

  private long readLast(Candidate candidate) {
    byte[] bytes = candidate.bytes();
    int at = SegmentFormat.HEADER_BYTES;
    Found found;
    while ((found = next(bytes, at, bytes.length)) != null) {
      apply(found, candidate.file());
      at = found.end();
    }
    if (at < bytes.length && isRecordBehind(bytes, at)) {
      // no torn tail: what was promised behind the damage counts, and is written anew
      readAll(bytes, at, bytes.length, candidate.file());
      return bytes.length;
    }
    if (at < bytes.length) {
      cutBytes += bytes.length - at;
      LOG.warn(
          "journal segment {}: cutting {} bytes of a torn tail",
          candidate.file(),
          bytes.length - at);
    }
    return at;
  }

  /** A whole record behind a bad one means that more than a tail is torn. */
  private boolean isRecordBehind(byte[] bytes, int at) {
    return behind(bytes, at, bytes.length) >= 0;
  }

  /**
   * Where the next whole record begins behind a bad one at {@code at}; -1 if there is none. Where
   * its length leads to none, it is looked for byte by byte: text gives no length that can be true.
   */
  private int behind(byte[] bytes, int at, int end) {
    int next = SegmentFormat.skip(bytes, at, end, limits.recordBytes());
    if (next >= 0 && next(bytes, next, end) != null) {
      return next;
    }
    for (int from = at + 1; from < end; from++) {
      if (next(bytes, from, end) != null) {
        return from;
      }
    }
    return -1;
  }

  private long readEarlier(Candidate candidate, long end) {
    readAll(candidate.bytes(), SegmentFormat.HEADER_BYTES, (int) end, candidate.file());
    return candidate.bytes().length;
  }

  private void readAll(byte[] bytes, int from, int end, Path file) {
    int at = from;
    while (at < end) {
      Found found = next(bytes, at, end);
      if (found != null) {
        apply(found, file);
        at = found.end();
        continue;
      }
      damagedRecords++;
      if (!damaged.contains(file)) {
        damaged.add(file);
      }
      LOG.warn("journal segment {}: bad record at byte {}", file, at);
      at = behind(bytes, at, end);
      if (at < 0) {
        return;
      }
    }
  }

  /** The record at {@code at}, if it is whole and newer than those before it. */
  private @Nullable Found next(byte[] bytes, int at, int end) {
    Found found = SegmentFormat.read(bytes, at, end, limits.recordBytes());
    return found != null && found.sequence() > sequence ? found : null;
  }

  private void apply(Found found, Path file) {
    sequence = found.sequence();
    FactParser.parse(found.kind(), found.payload())
        .ifPresentOrElse(
            state::apply,
            () -> {
              damagedRecords++;
              LOG.warn(
                  "journal segment {}: record {} of kind {} not understood",
                  file,
                  found.sequence(),
                  found.kind());
            });
  }

  /** What cannot be removed today is void all the same. */
  private void tidy(Path file) {
    try {
      files.delete(file);
    } catch (IOException e) {
      LOG.warn("journal: cannot remove {}: {}", file, e.toString());
    }
  }
}
