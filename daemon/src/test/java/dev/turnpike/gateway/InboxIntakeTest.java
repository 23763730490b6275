package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InboxIntakeTest {
  private static final AgentId AGENT = new AgentId("claude-code");

  @TempDir Path directory;

  @Test
  void aLargeBodyGetsAFileThatIsThereAndPrivate() throws IOException {
    try (Journal journal =
            Journal.open(
                directory.resolve("journal"),
                JournalLimits.STANDARD,
                InstantSource.system(),
                DurableFiles.real());
        Inbox inbox = inbox(journal)) {
      var intake =
          new InboxIntake(
              inbox,
              (caller, environment) -> new Terms.Traced(DestinationId.LOCAL),
              name -> false,
              agent -> false,
              (event, done) -> done.run(),
              new GatewayCounters());
      var open = assertInstanceOf(Admission.Open.class, intake.admit(AGENT, head("e1")));

      Path file = open.ticket().spillFile();

      assertEquals(
          PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(file));
      Files.write(file, new byte[100_000], StandardOpenOption.WRITE);
      var kept = open.ticket().keep(new EventBody.Spilled(file, 100_000)).toCompletableFuture();
      assertInstanceOf(Outcome.Stored.class, kept.join());
      assertEquals(100_000, inbox.status().bytes());
    }
  }

  private Inbox inbox(Journal journal) throws IOException {
    return Inbox.open(
        directory.resolve("inbox"),
        directory.resolve("spool"),
        journal,
        InboxLimits.STANDARD,
        (caller, environment) -> new Terms.Traced(DestinationId.LOCAL),
        name -> false,
        new Counters(),
        DurableFiles.real());
  }

  private static List<Map.Entry<String, String>> head(String id) {
    return List.of(
        Map.entry("Turnpike-Protocol", "1"),
        Map.entry("Turnpike-Event-Id", id),
        Map.entry("Turnpike-Time", "1795178881436000000"));
  }
}
