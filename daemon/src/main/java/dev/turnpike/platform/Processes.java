package dev.turnpike.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether the process we once saw is still that process. Pids are reused, so its birth goes with
 * them: on Linux clock ticks since the machine started, which no change of the clock moves; the JDK
 * derives the start from the wall clock's time at boot, which does. Elsewhere milliseconds since
 * 1970.
 */
public final class Processes {
  /** Where a birth is a time of the wall clock, it moves a little when that is set. */
  private static final long TOLERANCE_MILLIS = 2_000;

  /** {@code USER_HZ}: 100 on every architecture that Java 25 runs on. */
  private static final long MILLIS_PER_TICK = 10;

  /** Of {@code /proc/<pid>/stat}, counted from the state as 0. */
  private static final int FIELD_START = 19;

  private Processes() {}

  /** Tells this process from others that had its pid; empty if it is gone or nobody says. */
  public static OptionalLong birth(long pid) {
    Optional<String[]> stat = stat(pid);
    if (stat.isPresent()) {
      return OptionalLong.of(startTicks(stat.get()));
    }
    return started(pid);
  }

  /**
   * When it began, by the wall clock as that goes now: one that was set since has moved the past
   * too. Empty if it is gone or nobody says.
   */
  public static Optional<Instant> began(long pid) {
    Optional<String[]> stat = stat(pid);
    if (stat.isEmpty()) {
      OptionalLong start = started(pid);
      return start.isPresent()
          ? Optional.of(Instant.ofEpochMilli(start.getAsLong()))
          : Optional.empty();
    }
    try {
      // "12345.67 23456.78": seconds since the machine started, its sleep included, and idle ones
      String uptime = Files.readString(Path.of("/proc/uptime"), StandardCharsets.US_ASCII);
      long upMillis = Math.round(1000 * Double.parseDouble(uptime.split(" ", 2)[0]));
      long ageMillis = upMillis - startTicks(stat.get()) * MILLIS_PER_TICK;
      return Optional.of(InstantSource.system().instant().minusMillis(ageMillis));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether {@code pid} runs and is the process of that birth. A zombie does not run. With a birth
   * of 0 (unknown), or if the system does not tell, the pid alone decides. Pid 0 (unknown) is not
   * alive.
   */
  public static boolean alive(long pid, long birth) {
    if (pid <= 0
        || zombie(pid)
        || !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
      return false;
    }
    OptionalLong now = birth(pid);
    return birth == 0 || now.isEmpty() || Math.abs(now.getAsLong() - birth) <= tolerance();
  }

  private static long tolerance() {
    return Files.isReadable(Path.of("/proc/self/stat")) ? 0 : TOLERANCE_MILLIS;
  }

  private static OptionalLong started(long pid) {
    if (pid <= 0) {
      return OptionalLong.empty();
    }
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().startInstant())
        .map(start -> OptionalLong.of(start.toEpochMilli()))
        .orElseGet(OptionalLong::empty);
  }

  /** Containers often have nobody who reaps. */
  private static boolean zombie(long pid) {
    return stat(pid).filter(fields -> fields[0].equals("Z")).isPresent();
  }

  private static long startTicks(String[] stat) {
    return Long.parseLong(stat[FIELD_START]);
  }

  /**
   * Linux, {@code /proc/<pid>/stat}: {@code 4711 (a name) S 1 ...}, what follows the name. Empty
   * where there is no such file, or no longer.
   */
  private static Optional<String[]> stat(long pid) {
    Path file = Path.of("/proc/" + pid + "/stat");
    if (pid <= 0 || !Files.isReadable(file)) {
      return Optional.empty();
    }
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      String[] fields = text.substring(text.lastIndexOf(')') + 1).strip().split(" ", -1);
      return fields.length > FIELD_START ? Optional.of(fields) : Optional.empty();
    } catch (IOException gone) {
      // it ended between the two calls
      return Optional.empty();
    }
  }
}
