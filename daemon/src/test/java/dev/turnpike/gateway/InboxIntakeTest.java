package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.gateway.Intake.Admission;
import dev.turnpike.gateway.Intake.Outcome;
import dev.turnpike.inbox.Inbox;
import dev.turnpike.inbox.InboxLimits;
import dev.turnpike.inbox.Terms;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.EventBody;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class InboxIntakeTest {
  private static final InboxLimits SMALL = new InboxLimits(5, 10_000, 2_000, 1_500, 4_000, 3);

  @TempDir Path directory;
  private Journal journal;
  private Inbox inbox;
  private InboxIntake intake;

  @BeforeEach
  void open() throws IOException {
    journal =
        Journal.open(directory.resolve("journal"), JournalLimits.STANDARD, InstantSource.system());
    inbox =
        Inbox.open(
            directory.resolve("inbox"),
            directory.resolve("spool"),
            journal,
            SMALL,
            (caller, environment) -> new Terms.Traced(DestinationId.LOCAL),
            kept -> kept,
            new Counters(),
            DurableFiles.real());
    intake =
        new InboxIntake(
            inbox,
            (caller, environment) -> new Terms.Traced(DestinationId.LOCAL),
            kept -> kept,
            agent -> false,
            event -> java.util.concurrent.CompletableFuture.completedFuture(null),
            new GatewayCounters());
  }

  @AfterEach
  void close() {
    inbox.close();
    journal.close();
  }

  private Outcome upload(String id, int bytes) throws Exception {
    List<Map.Entry<String, String>> head =
        List.of(Map.entry("Turnpike-Event-Id", id), Map.entry("Turnpike-Time", "1"));
    var open =
        assertInstanceOf(Admission.Open.class, intake.admit(new AgentId("claude-code"), head));
    Path file = open.ticket().spillFile();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Files.write(file, new byte[bytes], StandardOpenOption.WRITE);
    return open.ticket()
        .keep(new EventBody.Spilled(file, bytes))
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private List<String> files() throws IOException {
    return DurableFiles.real().list(directory.resolve("inbox")).stream()
        .map(file -> file.getFileName().toString())
        .toList();
  }

  @Test
  void aLargeBodyIsKeptInAFileOfItsOwn() throws Exception {
    assertInstanceOf(Outcome.Stored.class, upload("e1", 5000));
    assertEquals(List.of("e1.body"), files());
  }

  @Test
  void whatIsNotKeptLeavesNoFile() throws Exception {
    assertInstanceOf(Outcome.Unavailable.class, upload("too-large", 11_000));
    assertEquals(List.of(), files());
    assertInstanceOf(Outcome.Stored.class, upload("e1", 5000));
    assertInstanceOf(Outcome.Stored.class, upload("e1", 5000));
    assertTrue(files().equals(List.of("e1.body")), "the repeat is not kept beside the first");
  }
}
