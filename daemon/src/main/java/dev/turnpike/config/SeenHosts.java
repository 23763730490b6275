package dev.turnpike.config;

import dev.turnpike.model.DestinationId;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Servers that some agent's environment named, and what the user said of them. A cloned repository
 * can set variables too, so what is not ruled on stays held. A text file, one a line: {@code <time>
 * <ruling> <server> <destination,destination> <working directory>}; a line that is not understood
 * counts as nothing said. Safe for all threads.
 */
public final class SeenHosts {
  /** Of servers that calls bring; what the user rules on has its own, wider limit. */
  private static final int LIMIT_SEEN = 200;

  private static final int LIMIT_ALL = 1_000;
  private static final int LIMIT_DESTINATIONS = 50;
  private static final int LIMIT_FILE_BYTES = 4 * 1024 * 1024;
  private static final int LIMIT_CWD_CHARS = 500;
  private static final int FIELDS = 5;
  private static final String NONE = "-";

  /** What the user said. */
  public enum Ruling {
    /** Nothing yet. */
    HELD,
    ALLOWED,
    DENIED
  }

  /**
   * @param server as {@link Destination#server} gives it
   * @param destinations the projects there that calls named
   * @param cwd where the agent worked that brought it; empty if unknown
   */
  public record Seen(
      Instant first, String server, Ruling ruling, Set<DestinationId> destinations, String cwd) {
    public Seen {
      destinations = Set.copyOf(destinations);
    }

    String line() {
      String ids =
          destinations.stream().map(DestinationId::value).sorted().collect(Collectors.joining(","));
      return String.join(
          " ",
          first.toString(),
          ruling.name().toLowerCase(Locale.ROOT),
          server,
          ids.isEmpty() ? NONE : ids,
          cwd);
    }
  }

  private final Path file;
  private final InstantSource clock;
  private Map<String, Seen> servers = new LinkedHashMap<>();
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
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      text.lines()
          .flatMap(line -> parse(line).stream())
          .forEach(one -> seen.servers.put(one.server(), one));
    }
    return seen;
  }

  /**
   * A call named this server. What was said of it stays.
   *
   * @return whether it is on the list now; else there are too many already
   * @throws IOException if it cannot be kept
   */
  boolean note(String server, DestinationId destination, String cwd) throws IOException {
    synchronized (guard) {
      Seen before = servers.get(server);
      if (before == null && servers.size() >= LIMIT_SEEN) {
        return false;
      }
      if (before != null
          && (before.destinations().contains(destination)
              || before.destinations().size() >= LIMIT_DESTINATIONS)) {
        return true;
      }
      put(
          before == null
              ? new Seen(clock.instant(), server, Ruling.HELD, Set.of(destination), clean(cwd))
              : with(before, destination));
      return true;
    }
  }

  /**
   * The user's word.
   *
   * @throws IOException if it cannot be kept; then what was said before stays
   */
  Seen rule(String server, Ruling ruling) throws IOException {
    synchronized (guard) {
      Seen before = servers.get(server);
      if (before == null && servers.size() >= LIMIT_ALL) {
        throw new IOException("there are already %d servers in %s".formatted(LIMIT_ALL, file));
      }
      if (before != null && before.ruling() == ruling) {
        return before;
      }
      var after =
          before == null
              ? new Seen(clock.instant(), server, ruling, Set.of(), "")
              : new Seen(before.first(), server, ruling, before.destinations(), before.cwd());
      put(after);
      return after;
    }
  }

  /** The first one seen first. */
  public List<Seen> all() {
    synchronized (guard) {
      return new ArrayList<>(servers.values());
    }
  }

  Optional<Seen> of(String server) {
    synchronized (guard) {
      return Optional.ofNullable(servers.get(server));
    }
  }

  /** The server a call named together with this project. */
  Optional<Seen> of(DestinationId destination) {
    synchronized (guard) {
      return servers.values().stream()
          .filter(one -> one.destinations().contains(destination))
          .findFirst();
    }
  }

  private void put(Seen seen) throws IOException {
    var next = new LinkedHashMap<>(servers);
    next.put(seen.server(), seen);
    write(next);
    servers = next;
  }

  private void write(Map<String, Seen> all) throws IOException {
    String text = all.values().stream().map(one -> one.line() + "\n").collect(Collectors.joining());
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      PrivateFiles.createDirectory(directory);
    }
    PrivateFiles.writeAtomically(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes them again, after somebody removed the state directory under us: a ruling holds until
   * the user takes it back.
   */
  public void restore() throws IOException {
    synchronized (guard) {
      if (!servers.isEmpty() && Files.notExists(file)) {
        write(servers);
      }
    }
  }

  private static Seen with(Seen before, DestinationId destination) {
    var ids = new LinkedHashSet<>(before.destinations());
    ids.add(destination);
    return new Seen(before.first(), before.server(), before.ruling(), ids, before.cwd());
  }

  private static String clean(String cwd) {
    String plain = cwd.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]", "?");
    return plain.length() <= LIMIT_CWD_CHARS ? plain : plain.substring(0, LIMIT_CWD_CHARS);
  }

  private static Optional<Seen> parse(String line) {
    String[] parts = line.split(" ", FIELDS);
    if (parts.length < FIELDS) {
      return Optional.empty();
    }
    try {
      Set<DestinationId> ids =
          parts[3].equals(NONE)
              ? Set.of()
              : Arrays.stream(parts[3].split(",", -1))
                  .map(DestinationId::new)
                  .collect(Collectors.toSet());
      return Optional.of(
          new Seen(
              Instant.parse(parts[0]),
              parts[2],
              Ruling.valueOf(parts[1].toUpperCase(Locale.ROOT)),
              ids,
              parts[4]));
    } catch (DateTimeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
