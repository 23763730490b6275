package dev.turnpike.cli.setup;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A daemon as the system lists it: {@code java ... -Dturnpike.image=<folder> ... daemon}. Where the
 * system does not tell arguments, nothing is one.
 */
public final class DaemonProcess {
  static final String IMAGE = "-Dturnpike.image=";

  private DaemonProcess() {}

  /** Whether it is one, of any image. */
  public static boolean is(ProcessHandle.Info process) {
    return arguments(process)
        .filter(all -> all.stream().anyMatch(argument -> argument.startsWith(IMAGE)))
        .isPresent();
  }

  /**
   * @param image its real path
   */
  static boolean isOf(Path image, ProcessHandle.Info process) {
    return arguments(process).filter(all -> all.contains(IMAGE + image)).isPresent();
  }

  private static Optional<List<String>> arguments(ProcessHandle.Info process) {
    return process
        .arguments()
        .map(List::of)
        .filter(all -> !all.isEmpty() && all.getLast().equals("daemon"));
  }
}
