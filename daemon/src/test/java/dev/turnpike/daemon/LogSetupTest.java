package dev.turnpike.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LogSetupTest {
  private static final long FILE_BYTES = 5 << 20;

  @TempDir Path directory;

  /** Other tests log as if nothing had happened. */
  @AfterEach
  void logAsBefore() throws Exception {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    new ContextInitializer(context).autoConfig();
  }

  @Test
  void aBurstOfMessagesFillsFourFilesAndNoMore() throws Exception {
    LogSetup.apply(directory, "info");
    var log = LoggerFactory.getLogger("dev.turnpike.test");
    String text = "x".repeat(1000);
    for (int i = 0; i < 30_000; i++) {
      log.info("{} {}", i, text);
    }
    try (Stream<Path> all = Files.list(directory)) {
      List<Path> files = all.sorted().toList();
      assertEquals(
          List.of("turnpike.1.log", "turnpike.2.log", "turnpike.3.log", "turnpike.log"),
          files.stream().map(file -> file.getFileName().toString()).toList());
      for (Path file : files) {
        assertTrue(Files.size(file) < FILE_BYTES + 2000, file + ": " + Files.size(file));
      }
    }
    String last = Files.readString(directory.resolve("turnpike.log"), StandardCharsets.UTF_8);
    assertTrue(last.contains(" 29999 x"), "the newest is there");
  }

  @Test
  void whatStandardErrorLeftBehindIsCutWhenItHasGrownTooLong() throws Exception {
    Path small = Files.writeString(directory.resolve("daemon.out"), "a word of the JVM\n");
    LogSetup.apply(directory, "info");
    assertEquals("a word of the JVM\n", Files.readString(small));
    Files.write(small, new byte[(int) FILE_BYTES + 1]);
    LogSetup.apply(directory, "info");
    assertEquals(0, Files.size(small));
  }
}
