package dev.turnpike.journal;

import dev.turnpike.journal.SegmentFormat.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments as files: appending, forcing, going on to a new one, compaction. Owned by the
 * journal's thread.
 *
 * <p>A new segment is written as {@code .tmp}, forced, renamed, and the directory forced, so that a
 * segment that has its name is whole. When a write or force fails, the segment is never touched
 * again but for cutting off what was refused. The next one says in its header how much of it
 * counts, and begins with a copy of the records that were acknowledged after the last force: they
 * may have been lost with the pages the system dropped.
 */
final class SegmentLog {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentLog.class);
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path directory;
  private final DurableFiles files;
  private final TreeMap<Long, Long> sizes = new TreeMap<>();
  private final List<byte[]> unforced = new ArrayList<>();
  private DurableFiles.@Nullable Appender current;
  private long number;
  private long written;
  private long forced;
  private long unforcedBytes;
  private long previousGood = SegmentFormat.WHOLE;
  private long voidBelow;

  /** Found so, and not written anew yet: what lies there now is not what we wrote. */
  private boolean removed;

  SegmentLog(Path directory, DurableFiles files, Recovery.Result found) {
    this.directory = directory;
    this.files = files;
    this.number = found.highest();
    for (Recovery.Segment segment : found.segments()) {
      if (!found.damaged().contains(segment.file())) {
        sizes.put(segment.number(), segment.bytes());
      }
    }
    found.last().filter(last -> last.number() == number).ifPresent(this::goOn);
  }

  /** Where that fails the next segment's header says how much of this one counts. */
  private void goOn(Recovery.Segment last) {
    written = last.bytes();
    forced = written;
    try {
      DurableFiles.Appender to = files.reopen(last.file(), written);
      current = to;
      to.force();
    } catch (IOException e) {
      LOG.warn("journal: cannot go on in segment {}: {}", number, e.toString());
      DurableFiles.Appender to = current;
      previousGood = forced;
      current = null;
      if (to != null) {
        close(to);
      }
    }
  }

  boolean needsSegment() {
    return current == null;
  }

  long currentBytes() {
    return written;
  }

  long totalBytes() {
    long total = 0; // no stream: asked with every write
    for (long bytes : sizes.values()) {
      total += bytes;
    }
    return total;
  }

  int segments() {
    return sizes.size();
  }

  long unforcedBytes() {
    return unforcedBytes;
  }

  boolean hasUnforced() {
    return written > forced;
  }

  /**
   * Whether what is written here can be found again: somebody may have removed the segment under
   * us, and a file without a name takes bytes and loses them.
   */
  boolean isNamed() throws IOException {
    removed |= !current().isNamed(file(number));
    return !removed;
  }

  /** The same for every segment that counts; a look at the directory. */
  boolean isWhole() throws IOException {
    DurableFiles.Appender open = current;
    if (removed || (open != null && !isNamed())) {
      return false;
    }
    var names = new HashSet<>(files.list(directory));
    return sizes.keySet().stream().allMatch(number -> names.contains(file(number)));
  }

  private Path file(long number) {
    return directory.resolve(SegmentFormat.name(number));
  }

  /** Writes the records with one gathering write. After an IOException none of them counts. */
  void write(List<byte[]> records) throws IOException {
    DurableFiles.Appender to = current();
    var buffers = new ByteBuffer[records.size()];
    long bytes = 0;
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = ByteBuffer.wrap(records.get(i));
      bytes += records.get(i).length;
    }
    try {
      to.write(buffers);
    } catch (IOException e) {
      cut(to, written);
      leave(to);
      throw e;
    }
    written += bytes;
    sizes.put(number, written);
  }

  /**
   * The records were acknowledged before they were forced: they have to survive the loss of this
   * segment's dropped pages.
   */
  void acknowledgedUnforced(byte[] record) {
    unforced.add(record);
    unforcedBytes += record.length;
  }

  void force() throws IOException {
    DurableFiles.Appender to = current();
    try {
      to.force();
    } catch (IOException e) {
      leave(to);
      throw e;
    }
    forced = written;
    unforced.clear();
    unforcedBytes = 0;
  }

  /** Closes the full segment, which must be forced, and begins the next. */
  void roll() throws IOException {
    DurableFiles.Appender full = current();
    current = null;
    previousGood = SegmentFormat.WHOLE;
    close(full);
    begin();
  }

  /** Begins a segment where there is none to write to. */
  void begin() throws IOException {
    long next = number + 1;
    Path file = file(next);
    Path temp = file.resolveSibling(file.getFileName() + ".tmp");
    DurableFiles.Appender to = files.create(temp);
    long bytes = SegmentFormat.HEADER_BYTES;
    try {
      var buffers = new ByteBuffer[1 + unforced.size()];
      buffers[0] = ByteBuffer.wrap(SegmentFormat.header(new Header(next, 0, previousGood)));
      for (int i = 0; i < unforced.size(); i++) {
        buffers[i + 1] = ByteBuffer.wrap(unforced.get(i));
        bytes += unforced.get(i).length;
      }
      to.write(buffers);
      to.force();
      files.rename(temp, file);
      files.forceDirectory(directory);
    } catch (IOException e) {
      close(to);
      throw e;
    }
    adopt(to, next, bytes);
    previousGood = SegmentFormat.WHOLE;
  }

  /**
   * Writes all that lives to a new segment and voids every segment before it. Everything written
   * must be forced. After an IOException either the old segments or the new one hold it all, and
   * writing goes on where both readings are right.
   */
  void compact(Iterable<byte[]> records) throws IOException {
    long next = number + 1;
    Path file = file(next);
    Path temp = file.resolveSibling(file.getFileName() + ".tmp");
    DurableFiles.Appender to = files.create(temp);
    long bytes;
    try {
      bytes = writeAll(to, next, records);
      to.force();
    } catch (IOException e) {
      close(to);
      throw e;
    }
    // From here on the new segment may be the truth, so nothing may go to the old one any more,
    // whatever happens.
    close();
    previousGood = SegmentFormat.WHOLE;
    adopt(to, next, bytes);
    voidBelow = next;
    try {
      files.rename(temp, file);
      files.forceDirectory(directory);
    } catch (IOException e) {
      voidBelow = 0;
      close();
      throw e;
    }
    removed = false;
    removeVoid();
  }

  private long writeAll(DurableFiles.Appender to, long next, Iterable<byte[]> records)
      throws IOException {
    var chunk = new ArrayList<ByteBuffer>();
    chunk.add(ByteBuffer.wrap(SegmentFormat.header(new Header(next, next, SegmentFormat.WHOLE))));
    long bytes = SegmentFormat.HEADER_BYTES;
    long waiting = 0;
    for (byte[] record : records) {
      chunk.add(ByteBuffer.wrap(record));
      bytes += record.length;
      waiting += record.length;
      if (waiting > CHUNK_BYTES) {
        to.write(chunk.toArray(ByteBuffer[]::new));
        chunk.clear();
        waiting = 0;
      }
    }
    to.write(chunk.toArray(ByteBuffer[]::new));
    return bytes;
  }

  private void adopt(DurableFiles.Appender to, long next, long bytes) {
    current = to;
    number = next;
    written = bytes;
    forced = bytes;
    unforced.clear();
    unforcedBytes = 0;
    sizes.put(number, bytes);
  }

  /** Old segments go only when the name of the one that replaces them is on the disk. */
  private void removeVoid() {
    for (Long old : List.copyOf(sizes.headMap(voidBelow).keySet())) {
      try {
        files.delete(file(old));
      } catch (IOException e) {
        LOG.warn("journal: cannot remove void segment {}: {}", old, e.toString());
      }
      sizes.remove(old);
    }
  }

  private void leave(DurableFiles.Appender poisoned) {
    current = null;
    previousGood = forced;
    close(poisoned);
  }

  private void cut(DurableFiles.Appender to, long length) {
    try {
      to.truncate(length);
    } catch (IOException e) {
      LOG.warn("journal: cannot cut segment {} back: {}", number, e.toString());
    }
  }

  private void close(DurableFiles.Appender appender) {
    try {
      appender.close();
    } catch (IOException e) {
      LOG.warn("journal: closing segment {}: {}", number, e.toString());
    }
  }

  private DurableFiles.Appender current() {
    DurableFiles.Appender appender = current;
    if (appender == null) {
      throw new IllegalStateException("no segment to write to");
    }
    return appender;
  }

  void close() {
    DurableFiles.Appender appender = current;
    current = null;
    if (appender != null) {
      close(appender);
    }
  }
}
