package dev.turnpike.testing;

import dev.turnpike.agent.Line;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Gives a row as the daemon's reader does: somewhere within a buffer that is the reader's, and that
 * holds something else soon after.
 */
public final class LentRow {
  private static final int BESIDE = 7;

  private LentRow() {}

  /** The row of {@code file} from {@code start} to its newline at {@code end}. */
  public static void give(byte[] file, int start, int end, Consumer<Line> taker) {
    int length = end - start;
    var lent = new byte[length + 2 * BESIDE];
    Arrays.fill(lent, (byte) '{');
    System.arraycopy(file, start, lent, BESIDE, length);
    taker.accept(new Line.Row(start, end + 1, lent, BESIDE, BESIDE + length));
    Arrays.fill(lent, (byte) '}');
  }
}
