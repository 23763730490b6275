package dev.turnpike.agent;

/**
 * One complete line of a followed file. Offsets are bytes from the start of the file; {@code end}
 * is just after the newline.
 */
public sealed interface Line {
  long start();

  long end();

  /** {@code bytes} without the newline; possibly empty, not yet known to be UTF-8. */
  record Row(long start, long end, byte[] bytes) implements Line {}

  /** Longer than {@link #LIMIT_BYTES}: not read, counted. */
  record Oversized(long start, long end) implements Line {}

  /**
   * 16 MiB. Rows above 1 MB were reported for Claude Code; a row of this size takes about four
   * times as much heap while it is parsed, and that still fits into the shipped limit.
   */
  int LIMIT_BYTES = 16 * 1024 * 1024;
}
