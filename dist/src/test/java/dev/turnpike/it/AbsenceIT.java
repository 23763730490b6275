package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hooks that fire while no daemon is there. */
class AbsenceIT {
  @TempDir Path temp;

  @Test
  void whatTheSpoolHoldsIsTakenOverByTheNextDaemon() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      place.daemon().terminate();
      place.play("interactive", RunningDaemon.tracedTo(server));
      place.play("resume", RunningDaemon.tracedTo(server));
      place.play("no-persistence", RunningDaemon.tracedTo(server));
      List<Path> spooled = spooled(place);
      assertEquals(25 + 15 + 7, spooled.size());
      for (Path file : spooled) {
        assertEquals(
            "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      }
      place.daemon().restart();
      place.daemon().flush();
      place.assertAllIsThere(server);
      assertTrue(spooled(place).isEmpty());
    }
  }

  @Test
  void aDaemonThatComesAndGoesInTheMiddleOfATurnMissesNothing() throws Exception {
    try (var place = Workplace.open(temp);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      try (Replay replay = place.replay("multi-tool", RunningDaemon.tracedTo(server))) {
        replay.play(replay.part(0, 4));
        place.daemon().kill();
        replay.play(replay.part(4, 9));
        place.daemon().restart();
        replay.play(replay.part(9, replay.events().size()));
      }
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  private static List<Path> spooled(Workplace place) throws IOException {
    try (Stream<Path> files = Files.list(place.daemon().home().resolve("state/spool"))) {
      return files.filter(file -> file.toString().endsWith(".evt")).toList();
    }
  }
}
