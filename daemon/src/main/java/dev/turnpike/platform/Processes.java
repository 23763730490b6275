package dev.turnpike.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Whether the process we once saw is still that process. Pids are reused, so a start time goes with
 * them.
 */
public final class Processes {
  /**
   * The system derives the start from the boot time, which moves a little when the clock is set.
   */
  private static final long TOLERANCE_MILLIS = 2_000;

  private Processes() {}

  /**
   * When the process started, in milliseconds since 1970; empty if it is gone or the system does
   * not say.
   */
  public static OptionalLong startMillis(long pid) {
    if (pid <= 0) {
      return OptionalLong.empty();
    }
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().startInstant())
        .map(start -> OptionalLong.of(start.toEpochMilli()))
        .orElseGet(OptionalLong::empty);
  }

  /**
   * Whether {@code pid} runs and is the process that started at {@code startMillis}. A zombie does
   * not run. With a start of 0 (unknown), or if the system does not tell the start, the pid alone
   * decides. Pid 0 (unknown) is not alive.
   */
  public static boolean alive(long pid, long startMillis) {
    if (pid <= 0
        || zombie(pid)
        || !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
      return false;
    }
    OptionalLong now = startMillis(pid);
    return startMillis == 0
        || now.isEmpty()
        || Math.abs(now.getAsLong() - startMillis) <= TOLERANCE_MILLIS;
  }

  /**
   * Linux, {@code /proc/<pid>/stat}: {@code 4711 (a name) Z 1 ...}. Containers often have nobody
   * who reaps.
   */
  private static boolean zombie(long pid) {
    Path stat = Path.of("/proc/" + pid + "/stat");
    if (!Files.isReadable(stat)) {
      return false;
    }
    try {
      String text = Files.readString(stat, StandardCharsets.ISO_8859_1);
      int state = text.lastIndexOf(')') + 2;
      return state < text.length() && text.charAt(state) == 'Z';
    } catch (IOException gone) {
      // it ended between the two calls: isAlive says so next
      return false;
    }
  }
}
