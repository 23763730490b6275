package dev.turnpike.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the end of a log file and what is added to it. A file that is replaced or cut (rotation) is
 * read from its new beginning; one that is not there yet is empty. Opens the file for each reading:
 * a rotated log is not kept alive by its readers.
 */
public final class LogFile {
  private static final int PIECE_BYTES = 64 << 10;

  /** How far back the last lines are looked for. */
  private static final long BACK_BYTES_MAX = 4 << 20;

  private final Path file;
  private final int lines;
  private boolean begun;
  private @Nullable Object key;
  private long position;

  /**
   * @param lines how many of the lines that are there already to begin with
   */
  public LogFile(Path file, int lines) {
    this.file = file;
    this.lines = lines;
  }

  /** The daemon's log. */
  public static Path in(Paths paths) {
    return paths.log().resolve("turnpike.log");
  }

  /** What is new, at most 64 KiB of it; empty if there is nothing new. */
  public byte[] read() throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var found = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      long size = channel.size();
      if (!begun) {
        position = startOfLastLines(channel, size);
      } else if (!Objects.equals(key, found) || size < position) {
        position = 0;
      }
      begun = true;
      key = found;
      var piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, size - position));
      fill(channel, piece, position);
      position += piece.position();
      return Arrays.copyOf(piece.array(), piece.position());
    } catch (NoSuchFileException e) {
      begun = true;
      return new byte[0];
    }
  }

  private long startOfLastLines(FileChannel channel, long size) throws IOException {
    if (lines == 0) {
      return size;
    }
    long floor = Math.max(0, size - BACK_BYTES_MAX);
    long end = size;
    int newlines = 0;
    var piece = ByteBuffer.allocate(PIECE_BYTES);
    while (end > floor) {
      int length = (int) Math.min(PIECE_BYTES, end - floor);
      long start = end - length;
      piece.clear().limit(length);
      fill(channel, piece, start);
      for (int i = piece.position() - 1; i >= 0; i--) {
        // The newline at the very end closes the last line; each other one stands before a line.
        if (piece.get(i) == '\n' && start + i != size - 1 && ++newlines == lines) {
          return start + i + 1;
        }
      }
      end = start;
    }
    return floor;
  }

  private static void fill(FileChannel channel, ByteBuffer piece, long from) throws IOException {
    int got = 0;
    while (piece.hasRemaining() && got >= 0) {
      got = channel.read(piece, from + piece.position());
    }
  }
}
