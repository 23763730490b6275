package dev.turnpike.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process holds at one moment, as Linux tells below {@code /proc}.
 *
 * @param residentKib VmRSS
 */
record Footprint(long descriptors, long threads, long residentKib) {
  static Footprint of(long pid) throws IOException {
    Path process = Path.of("/proc/" + pid);
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      long descriptors = open.count();
      String status = Files.readString(process.resolve("status"));
      return new Footprint(descriptors, number(status, "Threads:"), number(status, "VmRSS:"));
    }
  }

  /** Whether this system tells. */
  static boolean known() {
    return Files.isReadable(Path.of("/proc/self/status"));
  }

  /** The larger of each. */
  Footprint or(Footprint other) {
    return new Footprint(
        Math.max(descriptors, other.descriptors),
        Math.max(threads, other.threads),
        Math.max(residentKib, other.residentKib));
  }

  private static long number(String status, String name) {
    return status
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).replaceAll("\\D", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public String toString() {
    return "%d descriptors, %d threads, %.1f MiB resident"
        .formatted(descriptors, threads, residentKib / 1024.0);
  }
}
