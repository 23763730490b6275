package dev.turnpike.config;

import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Servers that some agent's environment named and the user's own settings do not: a cloned
 * repository can set variables too, so status shows them. A text file, one a line: {@code <time>
 * <host> <working directory>}. Safe for all threads.
 */
public final class SeenHosts {
  private static final int LIMIT_HOSTS = 200;
  private static final int LIMIT_FILE_BYTES = 1024 * 1024;

  /**
   * @param cwd where the agent worked that brought it; empty if unknown
   */
  public record Seen(Instant first, String host, String cwd) {}

  private final Path file;
  private final InstantSource clock;
  private final Map<String, Seen> hosts = new LinkedHashMap<>();
  private final Object guard = new Object();

  private SeenHosts(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /**
   * @throws IOException if the file is there and cannot be read
   */
  public static SeenHosts open(Path file, InstantSource clock) throws IOException {
    var seen = new SeenHosts(file, clock);
    if (Files.isRegularFile(file) && Files.size(file) <= LIMIT_FILE_BYTES) {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        parse(line).ifPresent(one -> seen.hosts.put(one.host(), one));
      }
    }
    return seen;
  }

  /**
   * @return whether it is new
   * @throws IOException if it cannot be kept
   */
  public boolean note(String host, String cwd) throws IOException {
    synchronized (guard) {
      if (hosts.containsKey(host) || hosts.size() >= LIMIT_HOSTS) {
        return false;
      }
      hosts.put(host, new Seen(clock.instant(), host, cwd.replaceAll("\\p{Cntrl}", "?")));
      var text = new StringBuilder();
      hosts
          .values()
          .forEach(
              one ->
                  text.append(one.first())
                      .append(' ')
                      .append(one.host())
                      .append(' ')
                      .append(one.cwd())
                      .append('\n'));
      PrivateFiles.writeAtomically(file, text.toString().getBytes(StandardCharsets.UTF_8));
      return true;
    }
  }

  /** The first one seen first. */
  public List<Seen> all() {
    synchronized (guard) {
      return new ArrayList<>(hosts.values());
    }
  }

  private static Optional<Seen> parse(String line) {
    String[] parts = line.split(" ", 3);
    if (parts.length < 2) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Seen(Instant.parse(parts[0]), parts[1], parts.length == 3 ? parts[2] : ""));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
