package dev.turnpike.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.config.Config;
import dev.turnpike.config.CredentialStore;
import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.config.Permits;
import dev.turnpike.config.SeenHosts;
import dev.turnpike.inbox.Terms;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.outbox.OutboxLimits;
import dev.turnpike.outbox.Waiting;
import dev.turnpike.platform.Counters;
import dev.turnpike.platform.Os;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldRoomTest {
  private static final OutboxLimits LIMITS = OutboxLimits.STANDARD.within(4000);
  private static final Destination HELD =
      Destination.of("https://collect.example", "pk-lf-theirs", ExporterChoice.AUTO);
  private static final Waiting NOTHING = new Waiting(0, 0);

  @TempDir Path temp;
  private final Counters counters = new Counters();

  @Test
  void oneThatIsHeldMayWaitWhileItsShareHasRoom() throws IOException {
    assertEquals(HELD.id(), judged(HELD.id(), NOTHING));
    assertEquals(HELD.id(), judged(HELD.id(), new Waiting(12_499, 999)));
    assertEquals(0, counters.of("outbox.held_full"));
  }

  @Test
  void itsShareIsOneOfBytesAndOneOfBatches() throws IOException {
    assertEquals(DestinationId.LOCAL, judged(HELD.id(), new Waiting(1, 1000)));
    assertEquals(DestinationId.LOCAL, judged(HELD.id(), new Waiting(12_500, 1)));
    assertEquals(2, counters.of("outbox.held_full"));
  }

  @Test
  void nobodyElseIsStopped() throws IOException {
    var full = new Waiting(50_000, 4000);
    var other = Destination.of("https://other.example", "pk-lf-ours", ExporterChoice.AUTO);
    assertEquals(other.id(), judged(other.id(), full));
    assertEquals(DestinationId.LOCAL, judged(DestinationId.LOCAL, full));
    assertEquals(0, counters.of("outbox.held_full"));
  }

  private DestinationId judged(DestinationId asked, Waiting held) throws IOException {
    Map<String, String> environment = Map.of("HOME", temp.toString());
    Paths paths = Paths.of(environment, temp, Os.LINUX, 1000);
    PrivateFiles.createDirectory(paths.state());
    InstantSource clock = InstantSource.system();
    CredentialStore credentials = CredentialStore.open(paths.credentials(), clock);
    credentials.put(HELD, new Credentials("pk-lf-theirs", "sk-lf-theirs"));
    var permits =
        new Permits(
            Config.of(paths, environment), credentials, SeenHosts.open(paths.seenHosts(), clock));
    var room =
        new HeldRoom(
            (caller, call) -> new Terms.Traced(asked),
            permits,
            which -> which.test(HELD.id()) ? held : NOTHING,
            LIMITS,
            counters);
    var caller = new Caller(null, 0, "1", "Stop", Map.of(), false);
    return room.judge(caller, Map.of()) instanceof Terms.Traced(var destination)
        ? destination
        : DestinationId.LOCAL;
  }
}
