package dev.turnpike.cli.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class AftermathTest {
  @TempDir Path temp;

  /** A daemon as the system lists it, which answers nobody. */
  @Test
  void aDaemonThatDoesNotAnswerIsStoppedByASignal() throws Exception {
    var machine = new FakeMachine(temp);
    machine.stopFails = Optional.of("the daemon did not answer");
    Path image = machine.image.toRealPath();
    Process hanging =
        new ProcessBuilder("/bin/sh", "-c", "read line", DaemonProcess.IMAGE + image, "daemon")
            .start();
    try {
      List<Done> done = new Aftermath(List.of(image), machine).await();
      assertEquals(List.of(State.DONE), done.stream().map(Done::state).toList());
      assertEquals(128 + 15, hanging.waitFor());
    } finally {
      hanging.destroyForcibly();
    }
    assertFalse(Files.exists(image.resolve("bin/turnpike-hook")));
    assertFalse(Files.exists(image.resolve("bin/turnpike")));
  }

  @Test
  void whereNothingRunsNothingIsStopped() throws Exception {
    var machine = new FakeMachine(temp);
    List<Done> done = new Aftermath(List.of(machine.image), machine).await();
    assertEquals(List.of(State.DONE), done.stream().map(Done::state).toList());
    assertTrue(machine.daemon.isEmpty());
  }
}
