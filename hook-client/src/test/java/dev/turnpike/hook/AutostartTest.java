package dev.turnpike.hook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody listens and no service manager is there: the client starts the program beside it. */
@ParameterizedClass
@MethodSource("dev.turnpike.hook.Client#programs")
class AutostartTest {

  private static final Client.Result SILENT = new Client.Result(0, "", "");

  @Parameter Path program = Path.of("");
  @TempDir Path home = Path.of("");
  private Client client = new Client(program, home);

  /** A stand-in daemon that notes each start: arguments, directory, variables, open descriptors. */
  @BeforeEach
  void copyClientBesideFakeDaemon() throws IOException {
    Path directory = Files.createDirectory(home.resolve("bin"));
    Path copy = Files.copy(program, directory.resolve("turnpike-hook"));
    Path fake = directory.resolve("turnpike");
    Files.writeString(
        fake,
        """
        #!/bin/sh
        descriptors=$(for fd in 0 1 2 3 4 5 6 7 8 9; do
          if [ $fd -le 2 ]; then readlink /proc/$$/fd/$fd; elif { : >&$fd; } 2>/dev/null; then echo $fd; fi
        done | tr '\\n' ' ')
        echo "$# $1|$PWD|$TURNPIKE_STARTED_BY|$LANGFUSE_HOST|$descriptors" >>"$TURNPIKE_HOME/starts"
        """);
    assertTrue(fake.toFile().setExecutable(true));
    client = new Client(copy, home).with("LANGFUSE_HOST", "here");
  }

  private Path lock() {
    return home.resolve("state/autostart.lock");
  }

  private List<String> starts() throws IOException {
    Path file = home.resolve("starts");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private List<String> awaitStarts(int count) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (starts().size() < count && System.nanoTime() < deadline) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    assertEquals(count, starts().size());
    return starts();
  }

  private void ageLock(Duration age) throws IOException {
    Files.setLastModifiedTime(lock(), FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void daemonIsStartedOnceInABurstAndAgainWhenTheLockIsOld() throws Exception {
    burst();
    awaitStarts(1);
    ageLock(Duration.ofMinutes(1));
    burst();
    awaitStarts(2);
    ageLock(Duration.ofMinutes(-1)); // from the future: the clock was set back
    burst();
    // A start too many in the earlier bursts would be noted by now, before this last one.
    awaitStarts(3);
    assertEquals(60, client.spooled().size());
  }

  private void burst() throws IOException, InterruptedException {
    List<Client.Running> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(client.start("claude-code"));
    }
    for (Client.Running running : clients) {
      running.process().getOutputStream().close();
    }
    for (Client.Running running : clients) {
      assertEquals(SILENT, running.result());
    }
  }

  @Test
  void startedDaemonHasNothingOfTheAgentsButItsEnvironment() throws Exception {
    String script = "exec 5>held 7>held; exec \"$HOOK\" claude-code";
    assertEquals(SILENT, client.runScript(script));
    String start = awaitStarts(1).getFirst();
    String[] parts = start.split("\\|", -1);
    assertEquals("1 daemon", parts[0]);
    assertEquals("/", parts[1]);
    assertEquals("turnpike-hook", parts[2]);
    assertEquals("here", parts[3]);
    if (Files.isDirectory(Path.of("/proc/self/fd"))) {
      assertEquals("/dev/null /dev/null /dev/null ", parts[4]);
    } else {
      assertEquals("", parts[4].strip());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "false", "FALSE"})
  void switchedOffMeansOff(String value) throws Exception {
    client.with("TURNPIKE_AUTOSTART", value);
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(1, client.spooled().size());
    assertFalse(Files.exists(lock()));
  }

  @Test
  void installedServiceIsLeftToItsManager() throws Exception {
    Files.createDirectories(home.resolve("state"));
    Files.createFile(home.resolve("state/service"));
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(1, client.spooled().size());
    assertFalse(Files.exists(lock()));
  }

  @Test
  void daemonThatAnswersIsNotStartedAgain() throws Exception {
    String full = "HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n";
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), full)) {
      assertEquals(SILENT, client.run("{}", "claude-code"));
      daemon.request();
    }
    assertEquals(1, client.spooled().size());
    assertFalse(Files.exists(lock()));
  }

  @Test
  void missingProgramIsNoError() throws Exception {
    Files.delete(home.resolve("bin/turnpike"));
    assertEquals(SILENT, client.run("{}", "claude-code"));
    assertEquals(1, client.spooled().size());
    assertFalse(Files.exists(lock()));
  }
}
