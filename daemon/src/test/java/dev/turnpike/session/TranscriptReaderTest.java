package dev.turnpike.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory.Position;
import dev.turnpike.session.TranscriptReader.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TranscriptReaderTest {
  @TempDir Path dir;
  private Path file;
  private long uid;

  private static final class Collected implements TranscriptReader.Sink {
    final List<String> rows = new ArrayList<>();
    final List<Line> lines = new ArrayList<>();
    int restarts;

    @Override
    public void restarted() {
      restarts++;
      rows.clear();
      lines.clear();
    }

    @Override
    public void line(Line line) {
      lines.add(line);
      if (line instanceof Line.Row row) {
        rows.add(new String(row.copy(), UTF_8));
      }
    }
  }

  private final Collected sink = new Collected();

  @BeforeEach
  void create() throws IOException {
    file = dir.resolve("session.jsonl");
    uid = ((Number) Files.getAttribute(dir, "unix:uid")).longValue();
  }

  private TranscriptReader reader() {
    return new TranscriptReader(file, new Position(0, ""), uid);
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private Reading read(TranscriptReader reader) {
    return reader.read(Long.MAX_VALUE / 2, sink);
  }

  @Test
  void aTailWithoutNewlineWaits() throws IOException {
    TranscriptReader reader = reader();
    append("one\ntw");
    read(reader);
    assertEquals(List.of("one"), sink.rows);
    append("o\nthree\n");
    read(reader);
    assertEquals(List.of("one", "two", "three"), sink.rows);
    assertEquals(new Line.Row(8, 14, "three".getBytes(UTF_8)).start(), sink.lines.get(2).start());
  }

  @Test
  void aCharacterCutBetweenTwoReadsSurvives() throws IOException {
    byte[] bytes = "grün\n".getBytes(UTF_8);
    TranscriptReader reader = reader();
    Files.write(file, java.util.Arrays.copyOf(bytes, 3));
    read(reader);
    Files.write(file, bytes);
    read(reader);
    assertEquals(List.of("grün"), sink.rows);
  }

  @Test
  void linesLongerThanTheChunkComeWhole() throws IOException {
    String longRow = "x".repeat(700_000);
    append("short\n" + longRow + "\nlast\n");
    read(reader());
    assertEquals(List.of("short", longRow, "last"), sink.rows);
  }

  @Test
  void aRowAboveTheLimitIsReportedAndPassedOver() throws IOException {
    append("before\n" + "y".repeat(Line.LIMIT_BYTES + 1) + "\nafter\n");
    read(reader());
    assertEquals(List.of("before", "after"), sink.rows);
    assertInstanceOf(Line.Oversized.class, sink.lines.get(1));
  }

  @Test
  void slicesEndOnlyBetweenLines() throws IOException {
    append("a".repeat(300_000) + "\n" + "b".repeat(300_000) + "\n");
    TranscriptReader reader = reader();
    Reading first = reader.read(1, sink);
    assertTrue(first instanceof Reading.Read(_, var atEnd, _) && !atEnd);
    Reading last = first;
    for (int i = 0; i < 10 && last instanceof Reading.Read(_, var atEnd, _) && !atEnd; i++) {
      last = reader.read(1, sink);
    }
    assertEquals(2, sink.rows.size());
  }

  @Test
  void goesOnFromAPositionWithTheSameHead() throws IOException {
    append("one\ntwo\n");
    TranscriptReader first = reader();
    read(first);
    append("three\n");
    var later = new Collected();
    new TranscriptReader(file, new Position(8, first.head()), uid).read(1 << 20, later);
    assertEquals(List.of("three"), later.rows);
    assertEquals(0, later.restarts);
  }

  @Test
  void aShrunkFileIsReadAgain() throws IOException {
    append("one\ntwo\nthree\n");
    TranscriptReader reader = reader();
    read(reader);
    Files.writeString(file, "one\n");
    read(reader);
    assertEquals(1, sink.restarts);
    assertEquals(List.of("one"), sink.rows);
  }

  @Test
  void aFileWithAnotherFirstLineIsReadAgain() throws IOException {
    append("one\ntwo\n");
    TranscriptReader reader = reader();
    read(reader);
    Files.writeString(file, "uno\ndos\ntres\n");
    read(reader);
    assertEquals(1, sink.restarts);
    assertEquals(List.of("uno", "dos", "tres"), sink.rows);
  }

  @Test
  void aRewrittenMiddleIsNoticedByTheMissingNewline() throws IOException {
    append("one\ntwo\n");
    TranscriptReader reader = reader();
    read(reader);
    Files.writeString(file, "one\ntwo and more\n");
    read(reader);
    assertEquals(1, sink.restarts);
  }

  @Test
  void aMissingFileIsMissing() {
    assertEquals(new Reading.Missing(), read(reader()));
  }

  @Test
  void aDirectoryIsRefused() throws IOException {
    Files.createDirectory(file);
    assertInstanceOf(Reading.Refused.class, read(reader()));
  }

  @Test
  void aSymbolicLinkIsRefused() throws IOException {
    Path real = Files.writeString(dir.resolve("real"), "secret\n");
    Files.createSymbolicLink(file, real);
    assertInstanceOf(Reading.Refused.class, read(reader()));
    assertEquals(List.of(), sink.rows);
  }

  @Test
  void aFifoIsRefusedWithoutBlocking() throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
    assertInstanceOf(Reading.Refused.class, read(reader()));
  }

  @Test
  void anotherUsersFileIsRefused() throws IOException {
    append("one\n");
    var reader = new TranscriptReader(file, new Position(0, ""), uid + 1);
    assertInstanceOf(Reading.Refused.class, read(reader));
  }
}
