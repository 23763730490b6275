package dev.turnpike.agent;

import java.util.Arrays;

/**
 * One complete line of a followed file. Offsets are bytes from the start of the file; {@code end}
 * is just after the newline.
 */
public sealed interface Line {
  long start();

  long end();

  /**
   * Its bytes without the newline are those of {@code bytes} from {@code from} to before {@code
   * to}; possibly none, not yet known to be UTF-8. They are the reader's: it reads the next part of
   * the file into them, so who wants them for longer copies them.
   */
  record Row(long start, long end, byte[] bytes, int from, int to) implements Line {
    public Row(long start, long end, byte[] bytes) {
      this(start, end, bytes, 0, bytes.length);
    }

    public int length() {
      return to - from;
    }

    public byte[] copy() {
      return Arrays.copyOfRange(bytes, from, to);
    }
  }

  /** Longer than {@link #LIMIT_BYTES}: not read, counted. */
  record Oversized(long start, long end) implements Line {}

  /**
   * 16 MiB. Rows above 1 MB were reported for Claude Code; a row of this size takes about four
   * times as much heap while it is parsed, and that still fits into the shipped limit.
   */
  int LIMIT_BYTES = 16 * 1024 * 1024;
}
