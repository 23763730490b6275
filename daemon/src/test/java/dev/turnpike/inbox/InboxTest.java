package dev.turnpike.inbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.FaultyFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.journal.Samples;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InboxTest {
  private static final InboxLimits SMALL = new InboxLimits(5, 10_000, 2_000, 1_500, 4_000, 3);

  @TempDir Path directory;
  private final Counters counters = new Counters();
  private final FaultyFiles files = FaultyFiles.faultless();
  private Journal journal;

  @BeforeEach
  void openJournal() throws IOException {
    journal =
        Journal.open(
            directory.resolve("journal"), JournalLimits.STANDARD, InstantSource.system(), files);
  }

  @AfterEach
  void closeJournal() {
    journal.close();
  }

  private Inbox open(InboxLimits limits) throws IOException {
    return open(limits, (caller, environment) -> new Terms.Traced(DestinationId.LOCAL));
  }

  private Inbox open(InboxLimits limits, Consent consent) throws IOException {
    return Inbox.open(
        directory.resolve("inbox"),
        spool(),
        journal,
        limits,
        consent,
        HookRequestTest.WITHOUT_SECRETS,
        counters,
        files);
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  private static AcceptResult accept(Inbox inbox, Event event) {
    return inbox.accept(event, true).join();
  }

  @Test
  void anEventIsTakenOverOnceAlsoAfterItWasConsumed() throws IOException {
    try (Inbox inbox = open(SMALL)) {
      Event event = Samples.event("e1", 10);
      assertEquals(new AcceptResult.Stored(), accept(inbox, event));
      assertEquals(new AcceptResult.Duplicate(), accept(inbox, event));
      journal.commit(new Entry.EventsDropped(Set.of(event.id()), "test")).join();
      inbox.consumed(Set.of(event.id()));
      assertEquals(new AcceptResult.Duplicate(), accept(inbox, event));
      assertEquals(0, inbox.pending().size());
    }
  }

  @Test
  void theSameEventTwiceAtOnceIsStoredOnce() throws IOException {
    try (Inbox inbox = open(InboxLimits.STANDARD)) {
      for (int n = 0; n < 100; n++) {
        Event event = Samples.event("e" + n, 10);
        var first = inbox.accept(event, false);
        var second = inbox.accept(event, false);
        assertEquals(new AcceptResult.Stored(), first.join());
        assertEquals(new AcceptResult.Duplicate(), second.join());
      }
      assertEquals(100, inbox.pending().size());
    }
  }

  @Test
  void theRouterHearsEveryEventInOrder() throws Exception {
    var heard = new LinkedBlockingQueue<String>();
    try (Inbox inbox = open(InboxLimits.STANDARD)) {
      inbox.listen(event -> heard.add(event.id().value()));
      for (int n = 0; n < 50; n++) {
        var _ = inbox.accept(Samples.event("e" + n, 10), false);
      }
      for (int n = 0; n < 50; n++) {
        assertEquals("e" + n, heard.poll(10, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void fullByCountOrBytesSaysSo() throws IOException {
    try (Inbox inbox = open(SMALL)) {
      assertInstanceOf(AcceptResult.Full.class, accept(inbox, Samples.event("too-large", 10_001)));
      for (int n = 0; n < 5; n++) {
        accept(inbox, Samples.event("e" + n, 10));
      }
      assertInstanceOf(AcceptResult.Full.class, accept(inbox, Samples.event("sixth", 10)));
      journal.commit(new Entry.EventsDropped(Set.of(Samples.event("e0", 1).id()), "test")).join();
      assertEquals(new AcceptResult.Stored(), accept(inbox, Samples.event("sixth", 10)));
    }
  }

  @Test
  void largeBodiesLieInFilesUntilTheirEventIsConsumed() throws IOException {
    Event large = Samples.event("large", 3000);
    byte[] content = ((EventBody.Inline) large.body()).bytes();
    try (Inbox inbox = open(SMALL)) {
      assertEquals(new AcceptResult.Stored(), accept(inbox, large));
      var spilled = assertInstanceOf(EventBody.Spilled.class, inbox.pending().getFirst().body());
      assertArrayEquals(content, Files.readAllBytes(spilled.file()));
    }
    try (Inbox inbox = open(SMALL)) {
      var spilled = assertInstanceOf(EventBody.Spilled.class, inbox.pending().getFirst().body());
      assertTrue(Files.exists(spilled.file()), "it survives a restart");
      journal.commit(new Entry.EventsDropped(Set.of(large.id()), "test")).join();
      inbox.consumed(List.of(large.id()));
      assertFalse(Files.exists(spilled.file()));
    }
  }

  @Test
  void aBodyTheGatewayWroteIsTakenOver() throws IOException {
    try (Inbox inbox = open(SMALL)) {
      Path file = inbox.newSpillFile();
      Files.write(file, new byte[2500]);
      Event event = Samples.event("e", 1);
      var offered =
          new Event(
              event.id(),
              event.agent(),
              event.at(),
              event.caller(),
              event.destination(),
              new EventBody.Spilled(file, 2500));
      assertEquals(new AcceptResult.Stored(), accept(inbox, offered));
      assertFalse(Files.exists(file));
      assertEquals(2500, inbox.status().bytes());
    }
  }

  @Test
  void aBodyFindsAPlaceThoughSomebodyRemovedTheDirectory() throws IOException {
    try (Inbox inbox = open(SMALL)) {
      Files.delete(directory.resolve("inbox"));
      Path file = inbox.newSpillFile();
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    }
  }

  @Test
  void aBodyThatLiesNowhereElseIsOnTheDiskBeforeItsEventIs() throws IOException {
    try (Inbox inbox = open(SMALL)) {
      Path file = inbox.newSpillFile();
      Files.write(file, new byte[2500]);
      Event event = Samples.event("e", 1);
      var done = java.util.Collections.synchronizedList(new java.util.ArrayList<String>());
      files.plan(
          (operation, what, on) -> {
            boolean body =
                on.getParent().equals(directory.resolve("inbox")) || on.endsWith("inbox");
            done.add((body ? "body " : "journal ") + what);
            return FaultyFiles.Fate.WORKS;
          });
      var offered =
          new Event(
              event.id(),
              event.agent(),
              event.at(),
              event.caller(),
              event.destination(),
              new EventBody.Spilled(file, 2500));
      assertEquals(new AcceptResult.Stored(), accept(inbox, offered));
      List<String> wanted =
          List.of("body force", "body rename", "body forceDirectory", "journal write");
      assertEquals(wanted, done.stream().filter(wanted::contains).distinct().toList());
    }
  }

  @Test
  void bodiesOfNobodyAreSwept() throws IOException {
    Files.createDirectories(directory.resolve("inbox"));
    Path orphan = Files.write(directory.resolve("inbox/gone.body"), new byte[10]);
    Path half = Files.write(directory.resolve("inbox/gone.body.tmp"), new byte[10]);
    try (Inbox inbox = open(SMALL)) {
      assertEquals(0, inbox.pending().size());
      assertFalse(Files.exists(orphan));
      assertFalse(Files.exists(half));
      assertEquals(2, counters.of("inbox.orphan"));
    }
  }

  @Test
  void aDiskThatRefusesIsSaidAndNothingIsKept() throws IOException {
    try (Inbox inbox = open(SMALL)) {
      files.plan((operation, what, file) -> FaultyFiles.Fate.FAILS);
      assertInstanceOf(AcceptResult.Failed.class, accept(inbox, Samples.event("e1", 10)));
      assertInstanceOf(AcceptResult.Failed.class, accept(inbox, Samples.event("e2", 3000)));
      files.plan((operation, what, file) -> FaultyFiles.Fate.WORKS);
      assertEquals(new AcceptResult.Stored(), accept(inbox, Samples.event("e1", 10)));
      assertEquals(1, inbox.pending().size());
    }
  }

  @Test
  void aThousandSpooledFilesAreTakenOverInOrder() throws Exception {
    for (int n = 0; n < 1000; n++) {
      spool(1795178881436000000L + n, "e" + n, "body" + n);
    }
    var heard = new LinkedBlockingQueue<String>();
    try (Inbox inbox = open(InboxLimits.STANDARD)) {
      inbox.listen(event -> heard.add(event.id().value()));
      assertEquals(new Drained(1000, 0, 0, 0), inbox.drainSpool());
      for (int n = 0; n < 1000; n++) {
        assertEquals("e" + n, heard.poll(10, TimeUnit.SECONDS));
      }
      assertEquals(1000, inbox.pending().size());
      assertEquals(0, inbox.status().spooled());
      assertFalse(
          inbox.pending().getFirst().caller().environment().containsKey("LANGFUSE_SECRET_KEY"));
      assertEquals(
          "body0",
          new String(
              ((EventBody.Inline) inbox.pending().getFirst().body()).bytes(),
              StandardCharsets.UTF_8));
    }
  }

  @Test
  void badSpoolFilesAreSetAsideAFewOfThemAndCounted() throws IOException {
    Files.createDirectories(spool());
    for (int n = 0; n < 5; n++) {
      Files.writeString(spool().resolve("10" + n + "-1.evt"), "garbage");
    }
    Files.write(spool().resolve("200-1.evt"), new byte[200_000]);
    Files.createDirectory(spool().resolve("300-1.evt"));
    Path good = spool(400, "good", "body");
    Path cut = spool(500, "cut", "body");
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - 1));
    try (Inbox inbox = open(SMALL)) {
      assertEquals(new Drained(1, 0, 8, 0), inbox.drainSpool());
      assertFalse(Files.exists(good));
      assertEquals(5, counters.of("spool.bad.head_incomplete"));
      assertEquals(1, counters.of("spool.bad.too_long"));
      assertEquals(1, counters.of("spool.bad.not_a_file"));
      assertEquals(1, counters.of("spool.bad.cut_short"));
      assertEquals(3, DurableFiles.real().list(spool().resolve("bad")).size());
    }
  }

  @Test
  void consentIsAskedForSpooledEventsToo() throws IOException {
    spool(1, "off", "x");
    spool(2, "refused", "x");
    spool(3, "traced", "x");
    Consent consent =
        (caller, environment) -> {
          assertEquals("sk-lf-1", environment.get("LANGFUSE_SECRET_KEY"));
          return switch (environment.getOrDefault("WHICH", "")) {
            case "off" -> new Terms.Off();
            case "refused" -> new Terms.Refused("swapped keys");
            default -> new Terms.Traced(Samples.REMOTE);
          };
        };
    try (Inbox inbox = open(SMALL, consent)) {
      assertEquals(new Drained(1, 2, 0, 0), inbox.drainSpool());
      assertEquals(Samples.REMOTE, inbox.pending().getFirst().destination());
      assertEquals(1, counters.of("spool.off"));
      assertEquals(1, counters.of("spool.refused"));
    }
  }

  @Test
  void aSpooledFileThatCannotBeReadNowStays() throws IOException {
    spool(1, "e1", "body");
    try (Inbox inbox = open(SMALL)) {
      files.unreadable(Optional.of(new IOException("Too many open files")));
      assertEquals(new Drained(0, 0, 0, 1), inbox.drainSpool());
      files.unreadable(Optional.of(new ClosedByInterruptException()));
      assertThrows(ClosedByInterruptException.class, inbox::drainSpool);
      files.unreadable(Optional.empty());
      assertEquals(new Drained(1, 0, 0, 0), inbox.drainSpool());
    }
  }

  @Test
  void whatIsDeclinedIsSaidBeforeAnythingIsTakenOver() throws Exception {
    spool(1, "traced", "x");
    spool(2, "off", "x");
    var said = new LinkedBlockingQueue<String>();
    Consent consent =
        (caller, environment) ->
            environment.getOrDefault("WHICH", "").equals("off")
                ? new Terms.Off()
                : new Terms.Traced(DestinationId.LOCAL);
    try (Inbox inbox = open(SMALL, consent)) {
      inbox.listen(event -> said.add(event.id().value()));
      inbox.listenDeclined(
          event -> {
            said.add(event.id().value());
            return CompletableFuture.completedFuture(null);
          });
      assertEquals(new Drained(1, 1, 0, 0), inbox.drainSpool());
      assertEquals(List.of("off", "traced"), List.copyOf(said));
    }
  }

  @Test
  void whatFindsNoRoomStaysInTheSpool() throws IOException {
    for (int n = 0; n < 9; n++) {
      spool(n + 1, "e" + n, "x");
    }
    try (Inbox inbox = open(SMALL)) {
      assertEquals(new Drained(5, 0, 0, 4), inbox.drainSpool());
      journal
          .commit(new Entry.EventsDropped(Set.of(inbox.pending().getFirst().id()), "test"))
          .join();
      assertEquals(new Drained(1, 0, 0, 3), inbox.drainSpool());
    }
  }

  @Test
  void whatClientsDroppedIsCountedOnce() throws IOException {
    Files.createDirectories(spool());
    Files.writeString(spool().resolve("dropped"), "1795178881436000000\n1795178881436000001\n");
    try (Inbox inbox = open(SMALL)) {
      inbox.drainSpool();
      inbox.drainSpool();
      assertEquals(2, counters.of("spool.dropped"));
    }
  }

  private Path spool(long nanos, String id, String body) throws IOException {
    Files.createDirectories(spool());
    String head =
        HookRequestTest.HEAD
            .replace("1795178881436000000-4711", id)
            .replace("EMPTY=", "WHICH=" + id)
            .replace("Content-Length: 4", "Content-Length: " + body.length());
    return Files.writeString(
        spool().resolve(String.format(Locale.ROOT, "%d-4711.evt", nanos)), head + body);
  }
}
