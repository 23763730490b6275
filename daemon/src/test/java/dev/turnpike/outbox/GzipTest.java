package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** A batch's id is of the compressed bytes: how they were written must not be seen in them. */
class GzipTest {
  private static final class Level1 extends GZIPOutputStream {
    Level1(ByteArrayOutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  @Test
  void isWhatTheLibraryWritesHoweverItComes() throws IOException {
    var random = new Random(20_261_129);
    try (var gzip = new Gzip()) {
      for (int n = 0; n < 300; n++) {
        byte[] bytes = bytes(random, random.nextInt(n % 10 == 0 ? 1_500_000 : 20_000));
        gzip.begin();
        int most = 1 + random.nextInt(n % 3 == 0 ? 40 : 200_000);
        for (int at = 0; at < bytes.length; ) {
          int count = Math.min(bytes.length - at, random.nextInt(most + 1));
          gzip.write(bytes, at, count);
          at += count;
        }
        assertArrayEquals(library(bytes), gzip.end(), "text " + n);
      }
    }
  }

  /** Words that come again, or noise, or one after the other. */
  private static byte[] bytes(Random random, int length) {
    var bytes = new byte[length];
    int noise = random.nextInt(3);
    byte[] words = "total 12 src/cart.py: return sum(price)\\n".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < length; i++) {
      boolean odd = noise == 2 || (noise == 1 && random.nextInt(20) == 0);
      bytes[i] = odd ? (byte) random.nextInt() : words[i % words.length];
    }
    return bytes;
  }

  private static byte[] library(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new Level1(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
