package dev.turnpike.outbox;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Gzip level 1 in memory, byte for byte as {@link java.util.zip.GZIPOutputStream} writes it at that
 * level. To be used again: a deflater's tables and the room for what it makes cost more than a
 * small body.
 */
final class Gzip implements AutoCloseable {
  private static final int FIRST_BYTES = 64 * 1024;

  /** What a body larger than most has taken is not kept for the next one. */
  private static final int LIMIT_KEPT_BYTES = 512 * 1024;

  /** While a piece is deflated no garbage can be collected: others would wait for a large one. */
  private static final int PIECE_BYTES = 32 * 1024;

  private static final int TRAIL_BYTES = 8;

  /** Deflated, no time, no name, made on an unknown system. */
  private static final byte[] HEAD = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, -1};

  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private final CRC32 checksum = new CRC32();
  private byte[] made = new byte[FIRST_BYTES];
  private int length;

  void write(byte[] bytes, int from, int count) {
    checksum.update(bytes, from, count);
    for (int done = 0; done < count; done += PIECE_BYTES) {
      deflater.setInput(bytes, from + done, Math.min(PIECE_BYTES, count - done));
      while (!deflater.needsInput()) {
        deflate();
      }
    }
  }

  /** All that was written since the beginning, compressed. */
  byte[] end() {
    deflater.finish();
    while (!deflater.finished()) {
      deflate();
    }
    room(TRAIL_BYTES);
    little((int) checksum.getValue());
    little((int) deflater.getBytesRead());
    return Arrays.copyOf(made, length);
  }

  void begin() {
    if (made.length > LIMIT_KEPT_BYTES) {
      made = new byte[FIRST_BYTES];
    }
    deflater.reset();
    checksum.reset();
    System.arraycopy(HEAD, 0, made, 0, HEAD.length);
    length = HEAD.length;
  }

  private void deflate() {
    room(1);
    length += deflater.deflate(made, length, made.length - length);
  }

  private void room(int more) {
    if (made.length - length < more) {
      made = Arrays.copyOf(made, 2 * made.length);
    }
  }

  private void little(int word) {
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      made[length++] = (byte) (word >>> shift);
    }
  }

  /** Gives back what the deflater has outside of the heap. */
  @Override
  public void close() {
    deflater.end();
  }
}
