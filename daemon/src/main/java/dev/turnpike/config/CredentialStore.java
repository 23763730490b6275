package dev.turnpike.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.model.DestinationId;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets of all destinations ever used, one 0600 file each, so that queued traces can be sent
 * after the hook that brought the keys is gone. {@code <id>.json}:
 *
 * <pre>
 *   {"v":1,"base_url":"https://cloud.langfuse.com","public_key":"pk-lf-...","secret_key":"sk-lf-...",
 *    "exporter":"auto","changed":"2026-11-21T09:00:00Z"}
 * </pre>
 *
 * Safe for all threads.
 */
public final class CredentialStore {
  private static final int LIMIT_DESTINATIONS = 1_000;
  private static final int LIMIT_FILE_BYTES = 16 * 1024;
  private static final Duration NOTE_USE = Duration.ofDays(1);
  private static final Use NEVER = new Use(0, Instant.EPOCH);
  private static final Logger LOG = LoggerFactory.getLogger(CredentialStore.class);
  private static final String SUFFIX = ".json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param changed when the secret or the way to send last changed: a destination parked before is
   *     worth another try
   */
  public record Stored(Destination destination, Credentials credentials, Instant changed) {}

  /**
   * The last use of a pair of keys.
   *
   * @param order the later the greater
   * @param noted when the file's own time was last set to it
   */
  private record Use(long order, Instant noted) {}

  private final Path directory;
  private final InstantSource clock;
  private final int limit;
  private final Map<DestinationId, Stored> known = new ConcurrentHashMap<>();
  private final AtomicLong generation = new AtomicLong();
  private final Map<DestinationId, Use> used = new ConcurrentHashMap<>();
  private final AtomicLong uses = new AtomicLong();
  private volatile Predicate<DestinationId> needed = id -> true;
  private final List<String> problems = new ArrayList<>();
  private final Object writing = new Object();

  private CredentialStore(Path directory, InstantSource clock, int limit) {
    this.limit = limit;
    this.directory = directory;
    this.clock = clock;
  }

  /**
   * Reads all there is. A file that cannot be understood, or is open to others, is left alone and
   * told in {@link #problems}.
   *
   * @throws IOException if the directory cannot be made or read, or is not ours alone
   */
  public static CredentialStore open(Path directory, InstantSource clock) throws IOException {
    return open(directory, clock, LIMIT_DESTINATIONS);
  }

  static CredentialStore open(Path directory, InstantSource clock, int limit) throws IOException {
    PrivateFiles.createDirectory(directory);
    var store = new CredentialStore(directory, clock, limit);
    var found = new ArrayList<Path>();
    try (var files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      files.forEach(found::add);
    }
    found.sort(Comparator.comparing(CredentialStore::lastUse));
    for (Path file : found) {
      store.load(file);
    }
    return store;
  }

  private static Instant lastUse(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException e) {
      return Instant.EPOCH; // read next, where it is said
    }
  }

  /**
   * Which keys must stay: something is queued for them. Of the others those not used for longest
   * make room for new ones. Until this is said, all stay.
   */
  public void keepWhile(Predicate<DestinationId> isNeeded) {
    needed = isNeeded;
  }

  /**
   * Keeps the credentials of a destination. New ones for a known id replace the old. Costs nothing
   * if they are known.
   *
   * @return whether something changed
   * @throws IOException if they cannot be written; then what was known before stays
   */
  public boolean put(Destination destination, Credentials credentials) throws IOException {
    if (same(known.get(destination.id()), destination, credentials)) {
      use(destination.id());
      return false;
    }
    synchronized (writing) {
      Stored before = known.get(destination.id());
      if (same(before, destination, credentials)) {
        return false;
      }
      if (before == null && known.size() >= limit && !madeRoom()) {
        throw new IOException(
            "there are already %d destinations in %s, and something is queued for each of them"
                .formatted(known.size(), directory));
      }
      var stored = new Stored(destination, credentials, clock.instant());
      keep(stored);
      known.put(destination.id(), stored);
      used.remove(destination.id());
      use(destination.id());
      generation.incrementAndGet();
      return true;
    }
  }

  /** The file's time tells the next process, as exactly as a day. */
  private void use(DestinationId id) {
    Instant now = clock.instant();
    Use before = used.getOrDefault(id, new Use(0, Instant.EPOCH));
    boolean note = before.noted().plus(NOTE_USE).isBefore(now);
    used.put(id, new Use(uses.incrementAndGet(), note ? now : before.noted()));
    if (note) {
      try {
        Files.setLastModifiedTime(file(id), FileTime.from(now));
      } catch (IOException e) {
        LOG.debug("the use of {} could not be noted: {}", id, e.toString());
      }
    }
  }

  private boolean madeRoom() throws IOException {
    List<DestinationId> longestUnused =
        known.keySet().stream()
            .sorted(Comparator.comparingLong(id -> used.getOrDefault(id, NEVER).order()))
            .toList();
    for (DestinationId id : longestUnused) {
      if (!needed.test(id)) {
        LOG.info("the keys of {} make room for others: nothing is queued for them", id);
        forget(id);
        return true;
      }
    }
    return false;
  }

  private void keep(Stored stored) throws IOException {
    PrivateFiles.createDirectory(directory);
    PrivateFiles.writeAtomically(file(stored.destination().id()), write(stored));
  }

  /**
   * Writes all of them again, after somebody removed the directory under us: batches that wait need
   * their keys after the next start too.
   */
  public void restore() throws IOException {
    synchronized (writing) {
      for (Stored stored : known.values()) {
        keep(stored);
      }
      PrivateFiles.createDirectory(directory);
    }
  }

  /**
   * Removes the keys of a destination.
   *
   * @throws IOException if they cannot be removed; then they stay known
   */
  void forget(DestinationId id) throws IOException {
    synchronized (writing) {
      if (Files.deleteIfExists(file(id))) {
        PrivateFiles.syncDirectory(directory);
      }
      known.remove(id);
      used.remove(id);
      generation.incrementAndGet();
    }
  }

  public Optional<Stored> get(DestinationId id) {
    return Optional.ofNullable(known.get(id));
  }

  public Collection<Stored> all() {
    return List.copyOf(known.values());
  }

  /**
   * Grows with every change: who parked a destination looks here, or at {@link Stored#changed},
   * whether to try again.
   */
  public long generation() {
    return generation.get();
  }

  /** Files that could not be used, one line each, without secrets. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  private static boolean same(
      @Nullable Stored stored, Destination destination, Credentials credentials) {
    return stored != null
        && stored.destination().equals(destination)
        && stored.credentials().equals(credentials);
  }

  private Path file(DestinationId id) {
    return directory.resolve(id.value() + SUFFIX);
  }

  private void load(Path file) throws IOException {
    Optional<String> problem = PrivateFiles.problem(file);
    if (problem.isPresent()) {
      problems.add(problem.get());
      return;
    }
    if (Files.size(file) > LIMIT_FILE_BYTES) {
      problems.add(file + " is no file of credentials: it is too large");
      return;
    }
    read(Files.readAllBytes(file))
        .filter(stored -> file.equals(file(stored.destination().id())))
        .ifPresentOrElse(
            stored -> {
              known.put(stored.destination().id(), stored);
              used.put(stored.destination().id(), new Use(uses.incrementAndGet(), lastUse(file)));
            },
            () -> problems.add(file + " is no file of credentials"));
  }

  private static Optional<Stored> read(byte[] bytes) throws IOException {
    JsonNode node;
    try {
      node = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    String baseUrl = node.path("base_url").asText();
    String publicKey = node.path("public_key").asText();
    String secretKey = node.path("secret_key").asText();
    if (baseUrl.isEmpty() || publicKey.isEmpty() || secretKey.isEmpty()) {
      return Optional.empty();
    }
    ExporterChoice exporter =
        switch (node.path("exporter").asText()) {
          case "otlp" -> ExporterChoice.OTLP;
          case "classic" -> ExporterChoice.CLASSIC;
          default -> ExporterChoice.AUTO;
        };
    Instant changed;
    try {
      changed = Instant.parse(node.path("changed").asText());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
    return Optional.of(
        new Stored(
            Destination.of(baseUrl, publicKey, exporter),
            new Credentials(publicKey, secretKey),
            changed));
  }

  private static byte[] write(Stored stored) throws IOException {
    var node = JSON.createObjectNode();
    node.put("v", 1);
    node.put("base_url", stored.destination().baseUrl());
    node.put("public_key", stored.credentials().publicKey());
    node.put("secret_key", stored.credentials().secretKey());
    node.put("exporter", stored.destination().exporter().name().toLowerCase(Locale.ROOT));
    node.put("changed", stored.changed().toString());
    return JSON.writeValueAsBytes(node);
  }
}
