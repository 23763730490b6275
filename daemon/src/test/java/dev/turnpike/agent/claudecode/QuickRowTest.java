package dev.turnpike.agent.claudecode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the quick reader takes, Jackson reads alike; and it takes what Claude Code writes. */
class QuickRowTest {
  private static final String[] PIECES = {
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\t",
    "\n",
    "\r",
    "\0",
    "0",
    "-",
    "-0",
    "1.50",
    "1e9",
    "01",
    "true",
    "null",
    "nul",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\u0000",
    "\\x",
    "\\/",
    "é",
    "→",
    "😀",
    "\"type\":\"assistant\",",
    "\"message\":{\"content\":[{}]},",
    "\"uuid\":\"u\",",
    "12345678901",
    "123456789012345678901234567890"
  };

  private final QuickRow quick = new QuickRow();

  /** What both say of the row; null where the quick one is unsure. */
  private ClaudeLine read(byte[] row) {
    Members members = quick(row);
    if (members == null) {
      return null;
    }
    ClaudeLine line = LineParser.line(members);
    try {
      assertEquals(
          LineParser.line(JacksonRow.read(row, 0, row.length)), line, () -> new String(row, UTF_8));
    } catch (IOException e) {
      throw new AssertionError("Jackson cannot read " + new String(row, UTF_8), e);
    }
    return line;
  }

  /** As it lies between others in the reader's bytes. */
  private Members quick(byte[] row) {
    byte[] around = new byte[row.length + 20];
    Arrays.fill(around, (byte) '"');
    System.arraycopy(row, 0, around, 10, row.length);
    return quick.read(around, 10, 10 + row.length);
  }

  private static List<byte[]> recorded() throws IOException {
    var rows = new ArrayList<byte[]>();
    try (Stream<Path> files = Files.walk(Path.of("../fixtures/claude-code"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".jsonl")).sorted().toList()) {
        for (String row : Files.readAllLines(file)) {
          rows.add(row.getBytes(UTF_8));
        }
      }
    }
    return rows;
  }

  @Test
  void recordedRowsAreReadAsJacksonReadsThem() throws IOException {
    int unsure = 0;
    List<byte[]> rows = recorded();
    for (byte[] row : rows) {
      unsure += read(row) == null ? 1 : 0;
    }
    assertTrue(rows.size() > 2000, "too few rows to speak of");
    assertTrue(unsure < rows.size() / 50, unsure + " of " + rows.size() + " are left to Jackson");
  }

  @Test
  void damagedRowsAreNeverReadInAnotherWay() throws IOException {
    var random = new Random(7);
    List<byte[]> rows = recorded();
    int read = 0;
    for (int round = 0; round < 60_000; round++) {
      byte[] row = rows.get(random.nextInt(rows.size()));
      if (row.length < 6000) {
        read += read(damaged(row, random)) == null ? 0 : 1;
      }
    }
    assertTrue(read > 5000, "nearly nothing was read: " + read);
  }

  private static byte[] damaged(byte[] row, Random random) {
    byte[] damaged = row;
    for (int times = random.nextInt(3); times >= 0 && damaged.length > 0; times--) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(5)) {
        case 0 -> {
          damaged = damaged.clone();
          damaged[at] = (byte) random.nextInt(256);
        }
        case 1 -> damaged = Arrays.copyOf(damaged, at);
        case 2 -> damaged = joined(damaged, at, new byte[0], at + 1);
        default ->
            damaged =
                joined(damaged, at, PIECES[random.nextInt(PIECES.length)].getBytes(UTF_8), at);
      }
    }
    return damaged;
  }

  private static byte[] joined(byte[] row, int to, byte[] piece, int from) {
    byte[] joined = new byte[to + piece.length + row.length - from];
    System.arraycopy(row, 0, joined, 0, to);
    System.arraycopy(piece, 0, joined, to, piece.length);
    System.arraycopy(row, from, joined, to + piece.length, row.length - from);
    return joined;
  }

  @Test
  void whateverInputOfAToolIsWrittenAsJacksonWritesIt() {
    var random = new Random(11);
    int read = 0;
    for (int round = 0; round < 30_000; round++) {
      var input = new StringBuilder();
      value(input, random, 0);
      String row =
          "{\"type\":\"assistant\",\"uuid\":\"u\",\"message\":{\"id\":\"m\",\"content\":[{\"type\":"
              + "\"tool_use\",\"id\":\"t\",\"name\":\"x\",\"input\":"
              + input
              + "}]}}";
      read += read(row.getBytes(UTF_8)) == null ? 0 : 1;
    }
    assertTrue(read > 10_000, "nearly nothing was read: " + read);
  }

  private static void value(StringBuilder json, Random random, int depth) {
    int kind = random.nextInt(depth > 4 ? 6 : 9);
    switch (kind) {
      case 0 -> json.append(random.nextBoolean()).append(random.nextInt(4) == 0 ? " " : "");
      case 1 -> json.append("null");
      case 2 -> json.append(random.nextLong() >> random.nextInt(64));
      case 3 -> json.append(PIECES[random.nextInt(PIECES.length)]);
      case 4, 5 -> text(json, random);
      case 6 -> {
        json.append("[");
        for (int i = random.nextInt(4); i > 0; i--) {
          value(json, random, depth + 1);
          json.append(i > 1 ? random.nextInt(4) == 0 ? " ,\t" : "," : "");
        }
        json.append("]");
      }
      default -> {
        json.append(random.nextInt(4) == 0 ? "{ " : "{");
        for (int i = random.nextInt(4); i > 0; i--) {
          text(json, random);
          json.append(':');
          value(json, random, depth + 1);
          json.append(i > 1 ? "," : "");
        }
        json.append("}");
      }
    }
  }

  private static void text(StringBuilder json, Random random) {
    json.append('"');
    for (int i = random.nextInt(12); i > 0; i--) {
      json.append(
          switch (random.nextInt(20)) {
            case 0 -> "\\n";
            case 1 -> "\\\"";
            case 2 -> "\\u001b";
            case 3 -> "\\u20Ac";
            case 4 -> "ß";
            case 5 -> "語";
            case 6 -> "😀";
            case 7 -> random.nextInt(50) == 0 ? "\\udc00" : "\\\\";
            default -> Character.toString('a' + random.nextInt(4));
          });
    }
    json.append('"');
  }

  @Test
  void whatARowSaysAgainIsSeenToBeTheSame() {
    for (String version : List.of("1", "1", "2", "", "\\u0032", "2", "1\\\"", "1", "12", "1")) {
      String row = "{\"type\":\"assistant\",\"uuid\":\"u\",\"version\":\"" + version + "\"}";
      assertNotNull(read(row.getBytes(UTF_8)));
    }
    assertNotNull(read("{\"version\":\"1\\\"\"}".getBytes(UTF_8)));
    assertNull(quick("{\"version\":\"1\"\"}".getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":+1}",
        "{\"a\":truex}",
        "{\"a\":\"\\ud800\",\"cwd\":\"\\ud800\"}",
        "{\"cw\\u0064\":\"x\"}",
        "{\"x\":{\"\\ud800\":1}}",
        "{\"cwd\":\"\u0001\"}",
        "{\"cwd\" \"x\"}",
        "{\"a\":\n1}",
        "{a:1}",
        "\uFEFF{}"
      })
  void leavesToJacksonWhatIsNoPlainRow(String row) {
    assertNull(quick(row.getBytes(UTF_8)));
  }

  @Test
  void leavesBytesThatAreNoUtf8ToJackson() {
    for (String bytes :
        List.of("c0 80", "ed a0 80", "f4 90 80 80", "80", "e2 82", "ff", "f0 9f 98")) {
      byte[] odd = HexFormat.ofDelimiter(" ").parseHex(bytes);
      for (String around : List.of("{\"cwd\":\"a|\"}", "{\"x\":\"a|b\"}", "{\"x|\":1}")) {
        byte[] row = around.getBytes(UTF_8);
        int at = around.indexOf('|');
        assertNull(quick(joined(row, at, odd, at + 1)), bytes);
      }
    }
  }

  @Test
  void leavesDeepRowsToJackson() {
    String row = "{\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
    assertNull(quick(row.getBytes(UTF_8)));
    String kept = row.replace("\"x\"", "\"content\"");
    assertNull(quick(kept.getBytes(UTF_8)));
  }
}
