package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
  @ParameterizedTest
  @CsvSource({
    "2s,PT2S",
    "30m,PT30M",
    "2h30m,PT2H30M",
    "500ms,PT0.5S",
    "7d,PT168H",
    "1H 5M,PT1H5M",
    "0,PT0S"
  })
  void durationIsRead(String text, Duration duration) {
    assertEquals(Optional.of(duration), Durations.parse(text));
    assertEquals(Optional.of(duration), Durations.parse(Durations.format(duration)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "-5m", "m", "5 apples", "99999999999999s", "1.5h"})
  void whatIsNoDurationIsNone(String text) {
    assertEquals(Optional.empty(), Durations.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "4096,4096",
    "64KiB,65536",
    "16 MiB,16777216",
    "2G,2147483648",
    "1mb,1048576",
    "10b,10"
  })
  void sizeIsRead(String text, long bytes) {
    assertEquals(OptionalLong.of(bytes), Sizes.parse(text));
    assertEquals(OptionalLong.of(bytes), Sizes.parse(Sizes.format(bytes)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MiB", "-1", "1.5MiB", "12 TiB", "99999999999999999"})
  void whatIsNoSizeIsNone(String text) {
    assertEquals(OptionalLong.empty(), Sizes.parse(text));
  }

  @Test
  void ownProcessIsAliveOnlyWithItsOwnBirth() {
    long pid = ProcessHandle.current().pid();
    long start = Processes.birth(pid).orElseThrow();
    assertTrue(Processes.alive(pid, start));
    assertTrue(Processes.alive(pid, 0));
    assertFalse(Processes.alive(pid, start - 60_000), "the pid was used again");
    assertFalse(Processes.alive(0, 0));
  }

  @Test
  void aProcessBeganWhenItWasStarted() throws Exception {
    Instant before = Instant.now();
    Process process = new ProcessBuilder("cat").start();
    try {
      Instant began = Processes.began(process.pid()).orElseThrow();
      assertTrue(Duration.between(before, began).abs().toSeconds() < 30, began + ", not " + before);
    } finally {
      process.destroyForcibly();
    }
    process.waitFor();
    assertEquals(Optional.empty(), Processes.began(process.pid()));
  }

  @Test
  void endedProcessIsNotAlive() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    assertFalse(Processes.alive(process.pid(), 0));
    assertEquals(OptionalLong.empty(), Processes.birth(process.pid()));
  }

  @Test
  void versionComesFromTheBuild() {
    assertTrue(Version.current().matches("\\d+\\.\\d+\\.\\d+.*"), Version.current());
  }

  @Test
  void hostSaysWhoWeAre() {
    HostFacts host = HostFacts.current();
    assertFalse(host.host().isBlank() || host.host().contains("."));
    assertEquals(System.getProperty("user.name"), host.user());
  }
}
