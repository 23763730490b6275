package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("turnpike.log");
  }

  @Test
  void itBeginsWithTheLastLines() throws Exception {
    Files.writeString(file, "one\ntwo\nthree\n");
    assertEquals("", read(0));
    assertEquals("three\n", read(1));
    assertEquals("two\nthree\n", read(2));
    assertEquals("one\ntwo\nthree\n", read(3));
    assertEquals("one\ntwo\nthree\n", read(9));
  }

  @Test
  void aLastLineWithoutAnEndCounts() throws Exception {
    Files.writeString(file, "one\ntwo\nthr");
    assertEquals("thr", read(1));
    assertEquals("two\nthr", read(2));
  }

  @Test
  void linesAreFoundAcrossPieces() throws Exception {
    var line = "x".repeat(70_000) + "\n";
    Files.writeString(file, line + line + line);
    var log = new LogFile(file, 2);
    var all = new StringBuilder();
    for (var piece = text(log); !piece.isEmpty(); piece = text(log)) {
      all.append(piece);
    }
    assertEquals(line + line, all.toString());
  }

  @Test
  void whatIsAddedIsReadOnce() throws Exception {
    Files.writeString(file, "one\n");
    var log = new LogFile(file, 5);
    assertEquals("one\n", text(log));
    assertEquals("", text(log));
    Files.writeString(file, "two\n", StandardOpenOption.APPEND);
    assertEquals("two\n", text(log));
  }

  @Test
  void aReplacedOrCutFileIsReadFromItsBeginning() throws Exception {
    Files.writeString(file, "one\n");
    var log = new LogFile(file, 5);
    assertEquals("one\n", text(log));
    Files.move(file, directory.resolve("turnpike.log.1"));
    Files.writeString(file, "new\n");
    assertEquals("new\n", text(log));
    Files.writeString(file, "");
    assertEquals("", text(log));
    Files.writeString(file, "cut\n");
    assertEquals("cut\n", text(log));
  }

  @Test
  void aFileThatComesLaterIsReadWhole() throws Exception {
    var log = new LogFile(file, 0);
    assertEquals("", text(log));
    Files.writeString(file, "first\n");
    assertEquals("first\n", text(log));
  }

  private String read(int lines) throws IOException {
    return text(new LogFile(file, lines));
  }

  private static String text(LogFile log) throws IOException {
    return new String(log.read(), StandardCharsets.UTF_8);
  }
}
