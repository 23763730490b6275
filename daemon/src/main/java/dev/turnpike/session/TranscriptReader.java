package dev.turnpike.session;

import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory.Position;
import dev.turnpike.model.Digest;
import dev.turnpike.platform.ByteSearch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Arrays;

/**
 * Reads the complete lines of one growing file. Bytes are split at newlines before anything decodes
 * them, since a character may straddle two reads; a tail without a newline waits. Nothing is held
 * open between reads.
 *
 * <p>A file that shrank, whose first line changed, or whose byte before the offset is no newline
 * was replaced: it is read again from its start, and the sink is told first.
 *
 * <p>Only regular files of our own user are read, and never through a symbolic link in the last
 * place: the path comes from outside.
 */
final class TranscriptReader {
  interface Sink {
    void restarted();

    void line(Line line);
  }

  /** How a read went. */
  sealed interface Reading {
    /**
     * @param lines how many were given to the sink
     * @param atEnd nothing complete is left
     * @param modified when the file last changed
     */
    record Read(long lines, boolean atEnd, Instant modified) implements Reading {}

    record Missing() implements Reading {}

    /** Not a file we read: a directory, a FIFO, another user's, a link. */
    record Refused(String reason) implements Reading {}

    record Failed(String reason) implements Reading {}
  }

  private static final int CHUNK_BYTES = 128 * 1024;
  private static final int HEAD_BYTES = 1024;

  private final Path path;
  private final long ownUid;
  private long offset;
  private long scanned;
  private String head;

  TranscriptReader(Path path, Position from, long ownUid) {
    this.path = path;
    this.ownUid = ownUid;
    this.offset = from.offset();
    this.scanned = from.offset();
    this.head = from.head();
  }

  Path path() {
    return path;
  }

  /** Hash of the first line, empty while there is none. */
  String head() {
    return head;
  }

  /**
   * Gives complete lines to {@code sink} until about {@code limitBytes} were read or the file ends.
   */
  Reading read(long limitBytes, Sink sink) {
    try {
      var facts = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!facts.isRegularFile()) {
        return new Reading.Refused("not a regular file");
      }
      if (!Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals((int) ownUid)) {
        return new Reading.Refused("belongs to another user");
      }
      try (var channel =
          FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
        return read(channel, limitBytes, facts.lastModifiedTime().toInstant(), sink);
      }
    } catch (NoSuchFileException e) {
      return new Reading.Missing();
    } catch (IOException e) {
      return new Reading.Failed(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private Reading read(FileChannel channel, long limitBytes, Instant modified, Sink sink)
      throws IOException {
    long size = channel.size();
    if (replaced(channel, size)) {
      offset = 0;
      scanned = 0;
      head = "";
      sink.restarted();
    }
    long lines = 0;
    long budgetEnd = scanned + limitBytes;
    var chunk = ByteBuffer.allocate(CHUNK_BYTES);
    while (scanned < size && scanned < budgetEnd) {
      chunk.clear().limit((int) Math.min(CHUNK_BYTES, size - scanned));
      int read = channel.read(chunk, scanned);
      if (read <= 0) {
        break;
      }
      lines += split(channel, chunk.array(), read, sink);
    }
    if (head.isEmpty() && offset > 0) {
      head = headOf(channel);
    }
    return new Reading.Read(lines, scanned >= size, modified);
  }

  private long split(FileChannel channel, byte[] bytes, int length, Sink sink) throws IOException {
    long lines = 0;
    long base = scanned;
    for (int at = ByteSearch.newline(bytes, 0, length);
        at < length;
        at = ByteSearch.newline(bytes, at + 1, length)) {
      long end = base + at + 1;
      sink.line(lineAt(channel, bytes, base, end));
      offset = end;
      lines++;
    }
    scanned = base + length;
    return lines;
  }

  private Line lineAt(FileChannel channel, byte[] chunk, long base, long end) throws IOException {
    long length = end - 1 - offset;
    if (length > Line.LIMIT_BYTES) {
      return new Line.Oversized(offset, end);
    }
    if (offset >= base) {
      int from = (int) (offset - base);
      return new Line.Row(offset, end, chunk, from, from + (int) length);
    }
    var whole = ByteBuffer.allocate((int) length);
    while (whole.hasRemaining()) {
      if (channel.read(whole, offset + whole.position()) < 0) {
        throw new IOException("the file shrank while a line was read");
      }
    }
    return new Line.Row(offset, end, whole.array());
  }

  private boolean replaced(FileChannel channel, long size) throws IOException {
    if (offset == 0 && scanned == 0) {
      return false;
    }
    if (size < scanned) {
      return true;
    }
    if (offset > 0) {
      var before = ByteBuffer.allocate(1);
      if (channel.read(before, offset - 1) < 1 || before.get(0) != '\n') {
        return true;
      }
    }
    return !head.isEmpty() && !head.equals(headOf(channel));
  }

  /**
   * Hash of the first line, or of its first KiB: rows carry ids and times, so that two files never
   * begin alike.
   */
  private static String headOf(FileChannel channel) throws IOException {
    var start = ByteBuffer.allocate(HEAD_BYTES);
    while (start.hasRemaining() && channel.read(start, start.position()) > 0) {
      // a short read is continued: the hash must not depend on how the bytes came
    }
    byte[] bytes = Arrays.copyOf(start.array(), start.position());
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        return Digest.sha256Hex(Arrays.copyOf(bytes, i));
      }
    }
    return Digest.sha256Hex(bytes);
  }
}
