package dev.turnpike.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is read when the bytes are not those that were written. */
@Timeout(120)
class JournalDamageTest extends JournalCase {
  @Test
  void cutAtEveryByteGivesTheStateAfterSomePrefix() throws IOException {
    var states = new ArrayList<String>();
    try (Journal journal = open(JournalLimits.STANDARD)) {
      states.add(Samples.show(journal.view()));
      for (Entry entry : sequence()) {
        journal.commit(entry).join();
        states.add(Samples.show(journal.view()));
      }
    }
    Path segment = segments().getFirst();
    byte[] whole = Files.readAllBytes(segment);
    Path cutDirectory = Files.createDirectory(directory.resolve("cut"));
    Path cut = cutDirectory.resolve(segment.getFileName());
    int reached = 0;
    for (int length = SegmentFormat.HEADER_BYTES; length <= whole.length; length++) {
      Files.write(cut, Arrays.copyOf(whole, length));
      var state = new JournalState(1000);
      new Recovery(cutDirectory, JournalLimits.STANDARD, DurableFiles.real(), state).recover();
      String found = Samples.show(state);
      while (reached < states.size() && !states.get(reached).equals(found)) {
        reached++;
      }
      assertTrue(reached < states.size(), "cut at " + length + " gives no prefix");
    }
    assertEquals(states.size() - 1, reached);
  }

  @Test
  void afterATornTailWritingGoesOn() throws IOException {
    try (Journal journal = open(JournalLimits.STANDARD)) {
      journal.commit(sequence().get(0)).join();
      journal.commit(sequence().get(1)).join();
    }
    Path segment = segments().getFirst();
    byte[] whole = Files.readAllBytes(segment);
    var random = new Random(7);
    for (int round = 0; round < 60; round++) {
      byte[] tail = new byte[random.nextInt(1, 5000)];
      switch (round % 3) {
        case 0 -> random.nextBytes(tail);
        case 1 -> Arrays.fill(tail, (byte) 0);
        default -> tail = Arrays.copyOf(new byte[] {0x7f, -1, -1, -1}, tail.length);
      }
      byte[] torn = Arrays.copyOf(whole, whole.length + tail.length);
      System.arraycopy(tail, 0, torn, whole.length, tail.length);
      Files.write(segment, torn);
      try (Journal journal = open(JournalLimits.STANDARD)) {
        assertEquals(2, journal.view().pendingEventCount());
        assertEquals(tail.length, journal.health().cutBytes());
        journal.commit(new Entry.EventAccepted(Samples.event("later", 10))).join();
      }
      try (Journal journal = open(JournalLimits.STANDARD)) {
        assertEquals(3, journal.view().pendingEventCount());
        assertEquals(0, journal.health().cutBytes());
      }
    }
  }

  @Test
  void damageInAnEarlierSegmentCostsOneRecordAndIsCounted() throws IOException {
    try (Journal journal = open(SMALL_SEGMENTS)) {
      for (int n = 0; n < 40; n++) {
        journal.commit(new Entry.EventAccepted(Samples.event("e" + n, 300))).join();
      }
    }
    Path first = segments().getFirst();
    byte[] bytes = Files.readAllBytes(first);
    bytes[SegmentFormat.HEADER_BYTES + 200] ^= 1;
    Files.write(first, bytes);
    try (Journal journal = open(SMALL_SEGMENTS)) {
      assertEquals(39, journal.view().pendingEventCount());
      assertEquals(1, journal.health().damagedRecords());
      assertEquals(1, journal.health().badSegments());
      assertTrue(journal.health().ok());
      assertTrue(Files.exists(first.resolveSibling(first.getFileName() + ".bad")));
    }
    try (Journal journal = open(SMALL_SEGMENTS)) {
      assertEquals(39, journal.view().pendingEventCount(), "what was read is kept");
      assertEquals(0, journal.health().damagedRecords());
      assertEquals(1, journal.health().badSegments());
    }
  }

  /** Also where the length is what was damaged, and in the segment that is being written. */
  @Test
  void damageInTheMiddleOfTheLastSegmentCostsNoMoreThanWhatItHit() throws IOException {
    for (int at : new int[] {0, 2, 5, 8, 40}) {
      Path own = directory.resolve("at-" + at);
      try (Journal journal = Journal.open(own, JournalLimits.STANDARD, CLOCK)) {
        for (int n = 0; n < 20; n++) {
          journal.commit(new Entry.EventAccepted(Samples.event("e" + n, 300))).join();
        }
      }
      Path segment = DurableFiles.real().list(own).getFirst();
      byte[] bytes = Files.readAllBytes(segment);
      int second = SegmentFormat.skip(bytes, SegmentFormat.HEADER_BYTES, bytes.length, 1 << 20);
      bytes[second + at] ^= 0x55;
      Files.write(segment, bytes);
      try (Journal journal = Journal.open(own, JournalLimits.STANDARD, CLOCK)) {
        assertEquals(19, journal.view().pendingEventCount(), "damaged at " + at);
        assertEquals(1, journal.health().damagedRecords());
        assertEquals(0, journal.health().cutBytes());
        assertEquals(1, journal.health().badSegments());
        journal.commit(new Entry.EventAccepted(Samples.event("later", 10))).join();
      }
      try (Journal journal = Journal.open(own, JournalLimits.STANDARD, CLOCK)) {
        assertEquals(20, journal.view().pendingEventCount(), "damaged at " + at);
      }
    }
  }

  @Test
  void anySegmentMayBeGarbageWithoutKeepingTheJournalFromOpening() throws IOException {
    try (Journal journal = open(SMALL_SEGMENTS)) {
      for (int n = 0; n < 40; n++) {
        journal.commit(new Entry.EventAccepted(Samples.event("e" + n, 300))).join();
      }
    }
    var random = new Random(3);
    int before = 40;
    for (int round = 0; round < 4; round++) {
      List<Path> segments = segments();
      Path victim = segments.get(random.nextInt(segments.size()));
      byte[] bytes = Files.readAllBytes(victim);
      random.nextBytes(bytes);
      Files.write(victim, bytes);
      try (Journal journal = open(SMALL_SEGMENTS)) {
        assertTrue(journal.view().pendingEventCount() <= before);
        before = journal.view().pendingEventCount();
        journal.commit(new Entry.EventAccepted(Samples.event("r" + round, 300))).join();
        before++;
        assertEquals(before, journal.view().pendingEventCount());
      }
      try (Journal journal = open(SMALL_SEGMENTS)) {
        assertEquals(before, journal.view().pendingEventCount());
      }
    }
  }
}
