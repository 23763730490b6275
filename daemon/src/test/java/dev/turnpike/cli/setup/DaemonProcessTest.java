package dev.turnpike.cli.setup;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DaemonProcessTest {
  private static final Path IMAGE = Path.of("/home/dev/.local/share/turnpike/app");

  /** As the system lists a process; a kernel's thread has no arguments. */
  private record Listed(String... all) implements ProcessHandle.Info {
    @Override
    public Optional<String> command() {
      return Optional.of("/usr/bin/java");
    }

    @Override
    public Optional<String> commandLine() {
      return Optional.empty();
    }

    @Override
    public Optional<String[]> arguments() {
      return Optional.of(all);
    }

    @Override
    public Optional<Instant> startInstant() {
      return Optional.empty();
    }

    @Override
    public Optional<Duration> totalCpuDuration() {
      return Optional.empty();
    }

    @Override
    public Optional<String> user() {
      return Optional.empty();
    }
  }

  @Test
  void aDaemonIsKnownByItsImageAndItsCommand() {
    var daemon = new Listed("-Xmx96m", "-Dturnpike.image=" + IMAGE, "-cp", "x", "daemon");
    assertTrue(DaemonProcess.is(daemon));
    assertTrue(DaemonProcess.isOf(IMAGE, daemon));
    assertFalse(DaemonProcess.isOf(Path.of("/opt/turnpike"), daemon));
  }

  @Test
  void othersAreNone() {
    assertFalse(DaemonProcess.is(new Listed("-Dturnpike.image=" + IMAGE, "status")));
    assertFalse(DaemonProcess.is(new Listed("-jar", "other.jar", "daemon")));
    assertFalse(DaemonProcess.is(new Listed()));
    assertFalse(DaemonProcess.isOf(IMAGE, new Listed()));
  }
}
