package dev.turnpike.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.Samples;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Digest;
import dev.turnpike.model.Level;
import dev.turnpike.model.TraceId;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TraceIndexTest {
  @TempDir Path directory;
  private final Counters counters = new Counters();
  private final List<TraceSummary> truth = new ArrayList<>();
  private final AtomicInteger told = new AtomicInteger();
  private volatile Instant now = Samples.AT;

  private TraceIndex open() {
    return new TraceIndex(
        directory.resolve("cache"),
        to -> {
          told.incrementAndGet();
          truth.forEach(to);
        },
        () -> now,
        counters);
  }

  private static TraceSummary summary(int n, String status) {
    return new TraceSummary(
        new TraceId(Digest.sha256Hex("t" + n).substring(0, 32)),
        Samples.session(n % 2),
        "claude-code turn",
        Samples.AT.plusSeconds(n),
        Samples.AT.plusSeconds(n + 1),
        Level.DEFAULT,
        2,
        3,
        1234,
        Optional.of(0.25),
        DestinationId.LOCAL,
        status);
  }

  private void truth(int count) {
    for (int n = 0; n < count; n++) {
      truth.add(summary(n, "sent"));
    }
  }

  @Test
  void itIsToldEverythingOnceAndRemembersAfterAnOrderlyClose() {
    truth(5);
    try (TraceIndex index = open()) {
      assertEquals(truth.reversed(), index.latest(10));
      assertEquals(2, index.of(Samples.session(1), 10).size());
    }
    try (TraceIndex index = open()) {
      assertEquals(truth.reversed(), index.latest(10));
      assertEquals(1, told.get());
    }
  }

  @Test
  void aLaterSummaryReplacesAnEarlierOne() {
    try (TraceIndex index = open()) {
      index.put(summary(1, "queued"));
      index.put(summary(1, "sent"));
      assertEquals(List.of(summary(1, "sent")), index.latest(10));
    }
  }

  @Test
  void nothingIsOpenedBeforeItIsNeeded() {
    open().close();
    assertTrue(Files.notExists(directory.resolve("cache")));
  }

  @Test
  void anIndexThatWasNotClosedInOrderIsRebuiltUnderAnotherName() throws IOException {
    truth(5);
    TraceIndex killed = open();
    assertEquals(5, killed.latest(10).size());
    List<Path> before = databases();
    try (TraceIndex index = open()) {
      assertEquals(truth.reversed(), index.latest(10));
    }
    assertEquals(2, told.get());
    assertTrue(databases().stream().noneMatch(before::contains));
  }

  @Test
  void aLeftLogOrAnyDamageMeansRebuilt() throws IOException {
    truth(50);
    for (int round = 0; round < 8; round++) {
      try (TraceIndex index = open()) {
        assertEquals(50, index.latest(100).size());
      }
      Path file = databases().getFirst();
      byte[] bytes = Files.readAllBytes(file);
      switch (round % 4) {
        case 0 -> Files.write(file.resolveSibling(file.getFileName() + ".wal.0"), new byte[100]);
        case 1 -> Files.write(file, new byte[bytes.length]);
        case 2 -> {
          bytes[bytes.length / 2] ^= 0x40;
          Files.write(file, bytes);
        }
        default -> Files.write(file, new byte[10]);
      }
      try (TraceIndex index = open()) {
        assertEquals(truth.reversed(), index.latest(100), "round " + round);
        assertEquals(round + 2, told.get(), "told at first, and after each damage");
      }
    }
  }

  @Test
  void aDirectoryThatCannotBeUsedGivesNoListingAndNoError() throws IOException {
    Files.write(directory.resolve("cache"), new byte[] {1});
    truth(3);
    try (TraceIndex index = open()) {
      index.put(summary(1, "sent"));
      assertEquals(List.of(), index.latest(10));
    }
    assertTrue(counters.of("index.dropped") > 0);
  }

  /** A question may cost a reading of the whole history: not each, while nothing has changed. */
  @Test
  void anIndexThatCannotBeMadeRestsAndIsMadeWhenItCan() throws IOException {
    Path inTheWay = Files.write(directory.resolve("cache"), new byte[] {1});
    truth(3);
    try (TraceIndex index = open()) {
      for (int i = 0; i < 100; i++) {
        assertEquals(List.of(), index.latest(10));
      }
      assertTrue(index.problem().orElseThrow().contains("cache"), index.problem().toString());
      assertEquals(2, counters.of("index.dropped"));
      Files.delete(inTheWay);
      assertEquals(List.of(), index.latest(10));
      now = now.plusSeconds(6);
      assertEquals(truth.reversed(), index.latest(10));
      assertEquals(Optional.empty(), index.problem());
    }
  }

  @Test
  void aLookMakesItAgainThoughNobodyAsks() throws IOException {
    Path inTheWay = Files.write(directory.resolve("cache"), new byte[] {1});
    truth(3);
    try (TraceIndex index = open()) {
      assertEquals(List.of(), index.latest(10));
      now = now.plusSeconds(6);
      index.look();
      assertEquals(List.of(), index.latest(10)); // after the look, which failed again
      now = now.plusSeconds(6);
      Files.delete(inTheWay);
      index.look();
      assertEquals(List.of(), index.latest(10)); // the second rest is longer
      now = now.plusSeconds(6);
      index.look();
      assertEquals(truth.reversed(), index.latest(10));
      assertEquals(Optional.empty(), index.problem());
      assertEquals(1, told.get());
    }
  }

  private List<Path> databases() throws IOException {
    var found = new ArrayList<Path>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory.resolve("cache"), "*.db")) {
      files.forEach(found::add);
    }
    return found;
  }
}
