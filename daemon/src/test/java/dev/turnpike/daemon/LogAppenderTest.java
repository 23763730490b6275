package dev.turnpike.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Places that take no line, by something that lies in the way: it stops root too. */
class LogAppenderTest {
  private static final String FILE = "turnpike.log";
  private static final int LIMIT_BYTES = 1000;

  @TempDir Path temp;
  private final LoggerContext context = new LoggerContext();
  private Path directory;
  private LogAppender log;

  @BeforeEach
  void prepare() throws IOException {
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx------"));
    directory = temp.resolve("log");
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    log = new LogAppender(directory, FILE, encoder, LIMIT_BYTES, 3);
    log.setContext(context);
  }

  @AfterEach
  void close() {
    log.stop();
  }

  private void say(String line) {
    var event = new LoggingEvent();
    event.setLoggerContext(context);
    event.setLevel(Level.INFO);
    event.setMessage(line);
    log.doAppend(event);
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(directory.resolve(FILE));
  }

  @Test
  void linesOfATimeInWhichItCouldNotBeBegunAreCountedAndToldInTheirPlace() throws IOException {
    Files.write(directory, new byte[1]);
    log.start();
    say("one");
    say("two");
    assertTrue(log.problem().orElseThrow().contains("not a directory"), log.problem().toString());
    assertEquals(2, log.dropped());
    Files.delete(directory);
    say("three");
    log.look();
    say("four");
    assertEquals(Optional.empty(), log.problem());
    assertEquals(3, log.dropped());
    assertEquals(
        List.of("3 lines are missing here: the log could not be written", "four"), lines());
  }

  @Test
  void aFileThatCannotBePutAsideDoesNotGrow() throws IOException {
    log.start();
    Files.createFile(directory.resolve("turnpike.2.log"));
    Path inTheWay = Files.createDirectories(directory.resolve("turnpike.3.log/full"));
    for (int i = 0; i < 1000; i++) {
      say("line " + i);
    }
    assertTrue(Files.size(directory.resolve(FILE)) < LIMIT_BYTES + 10);
    assertTrue(log.problem().isPresent());
    long missing = log.dropped();
    log.look();
    assertTrue(log.problem().isPresent(), "still in the way");
    Files.delete(inTheWay);
    log.look();
    say("last");
    assertEquals(Optional.empty(), log.problem());
    assertEquals(
        List.of(missing + " lines are missing here: the log could not be written", "last"),
        lines());
    assertEquals(1000 - missing, Files.readAllLines(directory.resolve("turnpike.1.log")).size());
  }

  @Test
  void aRemovedDirectoryIsMadeAgain() throws IOException {
    log.start();
    say("one");
    Files.delete(directory.resolve(FILE));
    Files.delete(directory);
    log.look();
    say("two");
    assertEquals(List.of("two"), lines());
    assertEquals("rw-------", mode(directory.resolve(FILE)));
    assertEquals("rwx------", mode(directory));
  }

  @Test
  void whoeverWasInterruptedIsHeardToo() throws IOException {
    log.start();
    Thread.currentThread().interrupt();
    say("one");
    assertTrue(Thread.interrupted());
    say("two");
    assertEquals(List.of("one", "two"), lines());
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
