package dev.turnpike.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was wrong with the settings of hook calls, for each working directory as its latest call had
 * it. Safe for all threads.
 */
final class WrongCalls {
  static final int LIMIT_DIRECTORIES = 32;

  private final LinkedHashMap<String, List<String>> known = new LinkedHashMap<>();

  /** Most calls are right, and cost nothing here. */
  private volatile boolean any;

  /**
   * @param directory empty if unknown
   * @param problems of its latest call; none takes back what was wrong before
   */
  void heard(String directory, List<String> problems) {
    if (problems.isEmpty() && !any) {
      return;
    }
    synchronized (known) {
      known.remove(directory);
      if (!problems.isEmpty()) {
        if (known.size() >= LIMIT_DIRECTORIES) {
          known.pollFirstEntry();
        }
        known.put(directory, List.copyOf(problems));
      }
      any = !known.isEmpty();
    }
  }

  /** The directory called last at the end. */
  Map<String, List<String>> byDirectory() {
    synchronized (known) {
      return new LinkedHashMap<>(known);
    }
  }
}
