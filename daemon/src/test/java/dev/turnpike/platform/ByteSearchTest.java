package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class ByteSearchTest {
  private static final int ROUNDS = 20_000;

  @Test
  void newlinesAreFoundAsByALoop() {
    var random = new Random(1);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = bytes(random, round % 2 == 0 ? "\n\13\t\1x" : "\nabcdefgh\u00e9ijklmnopq");
      int from = random.nextInt(bytes.length + 1);
      int end = from + random.nextInt(bytes.length - from + 1);
      int expected = from;
      while (expected < end && bytes[expected] != '\n') {
        expected++;
      }
      assertEquals(expected, ByteSearch.newline(bytes, from, end));
    }
  }

  @Test
  void whatIsNotPlainIsFoundAsByALoop() {
    var random = new Random(2);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes =
          bytes(
              random, round % 2 == 0 ? "!#[]?\u007f \"" : "abcdefghijklmnop?\\\0\37\u00e9 !\"#[]");
      int from = random.nextInt(bytes.length + 1);
      int end = from + random.nextInt(bytes.length - from + 1);
      int expected = from;
      while (expected < end
          && bytes[expected] >= ' '
          && bytes[expected] != '"'
          && bytes[expected] != '\\') {
        expected++;
      }
      assertEquals(expected, ByteSearch.unplain(bytes, from, end));
      int mark = from;
      while (mark < expected && bytes[mark] != '?') {
        mark++;
      }
      assertEquals(mark, ByteSearch.unplainOrMark(bytes, from, end));
    }
  }

  @Test
  void everyByteIsJudgedInEveryPlaceOfAWord() {
    for (int value = 0; value < 256; value++) {
      for (int place = 0; place < 16; place++) {
        byte[] bytes = "abcdefghijklmnop".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        bytes[place] = (byte) value;
        boolean plain = value >= ' ' && value < 0x80 && value != '"' && value != '\\';
        assertEquals(plain ? 16 : place, ByteSearch.unplain(bytes, 0, 16));
        assertEquals(plain && value != '?' ? 16 : place, ByteSearch.unplainOrMark(bytes, 0, 16));
        assertEquals(value == '\n' ? place : 16, ByteSearch.newline(bytes, 0, 16));
      }
    }
  }

  private static byte[] bytes(Random random, String of) {
    byte[] bytes = new byte[random.nextInt(40)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) of.charAt(random.nextInt(of.length()));
    }
    return bytes;
  }
}
