package dev.turnpike.otlp;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Gives no more than so many bytes: a small body can inflate to a very large one. */
final class BoundedStream extends FilterInputStream {
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private long left;

  BoundedStream(InputStream in, long limit) {
    super(in);
    this.left = limit;
  }

  @Override
  public int read() throws IOException {
    int one = super.read();
    if (one >= 0) {
      took(1);
    }
    return one;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int count = super.read(into, from, length);
    if (count > 0) {
      took(count);
    }
    return count;
  }

  private void took(int count) throws TooLong {
    left -= count;
    if (left < 0) {
      throw new TooLong();
    }
  }
}
