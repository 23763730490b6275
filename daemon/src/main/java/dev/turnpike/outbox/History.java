package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bodies of traces that were sent, or kept here for want of a destination: {@code <staged
 * millis>_<batch>_<destination>.json.gz}. Bounded in bytes and age, the oldest goes first and is
 * counted. The file's name says all that a listing of files needs, so there is nothing to keep in
 * step with it.
 */
public final class History {
  /** A trace as it can be shown: {@code bodies} says where each part of it went. */
  public record KeptTrace(SessionKey session, Trace trace, List<HistoryEntry> bodies) {
    public KeptTrace {
      bodies = List.copyOf(bodies);
    }

    /** Whether all parts were sent somewhere. */
    public boolean sent() {
      return bodies.stream().allMatch(HistoryEntry::sent);
    }

    public Instant staged() {
      return bodies.stream()
          .map(HistoryEntry::staged)
          .min(Instant::compareTo)
          .orElse(Instant.EPOCH);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(History.class);
  private static final String TEMPORARY = ".tmp";
  private static final int PROBE_BYTES = 16 << 10;
  private static final Comparator<HistoryEntry> OLDEST_FIRST =
      Comparator.comparing(HistoryEntry::staged).thenComparing(HistoryEntry::id);

  private final Path directory;
  private final HistoryLimits limits;
  private final InstantSource clock;
  private final Counters counters;
  private final DurableFiles files;
  private final Object lock = new Object();
  private final TreeMap<HistoryEntry, Path> entries = new TreeMap<>(OLDEST_FIRST);
  private long bytes;
  private volatile @Nullable String problem;

  private History(
      Path directory,
      HistoryLimits limits,
      InstantSource clock,
      Counters counters,
      DurableFiles files) {
    this.directory = directory;
    this.limits = limits;
    this.clock = clock;
    this.counters = counters;
    this.files = files;
  }

  public static History open(
      Path directory,
      HistoryLimits limits,
      InstantSource clock,
      Counters counters,
      DurableFiles files)
      throws IOException {
    files.createDirectory(directory);
    var history = new History(directory, limits, clock, counters, files);
    for (Path file : files.list(directory)) {
      Optional<HistoryEntry> entry = HistoryEntry.of(file, Files.size(file));
      if (entry.isPresent()) {
        history.add(entry.get(), file);
      } else if (file.toString().endsWith(TEMPORARY)) {
        history.sweep(file);
      }
    }
    history.trim();
    return history;
  }

  /** What a stop left behind may stay where nothing can be removed. */
  private void sweep(Path file) {
    try {
      files.delete(file);
    } catch (IOException e) {
      LOG.debug("history: cannot remove {}: {}", file, e.toString());
    }
  }

  /**
   * Takes a copy (a hard link where that can be) before the outbox lets go of the body. A failure
   * is counted, and logged once until it works again.
   */
  void keep(BatchRef ref, Path body) throws IOException {
    try {
      take(ref, body);
      problem = null;
    } catch (IOException e) {
      counters.count("history.failed");
      if (problem == null) {
        LOG.warn("history: cannot keep {}, nor perhaps what follows: {}", ref.id(), e.toString());
      } else {
        LOG.debug("history: cannot keep {}: {}", ref.id(), e.toString());
      }
      problem = Objects.requireNonNullElse(e.getMessage(), e.toString());
      throw e;
    }
  }

  /** Why the last trace could not be kept. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Tries whether what failed works again. */
  public void look() {
    if (problem == null) {
      return;
    }
    Path probe = directory.resolve("probe" + TEMPORARY);
    try {
      files.replace(probe, new byte[PROBE_BYTES]);
      files.delete(probe);
      problem = null;
    } catch (IOException e) {
      LOG.debug("history: still cannot write: {}", e.toString());
    }
  }

  private void take(BatchRef ref, Path body) throws IOException {
    String name =
        ref.staged().toEpochMilli() + "_" + ref.id() + "_" + ref.destination() + Bodies.BODY;
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      link(body, file);
    }
    files.forceDirectory(directory);
    var entry =
        new HistoryEntry(
            ref.id(),
            ref.trace().hex().substring(0, HistoryEntry.TRACE_DIGITS),
            ref.destination(),
            Instant.ofEpochMilli(ref.staged().toEpochMilli()),
            ref.bytes());
    synchronized (lock) {
      add(entry, file);
      if (entry.sent()) {
        supersede(entry);
      }
      trim();
    }
  }

  private void link(Path body, Path file) throws IOException {
    try {
      Files.createLink(file, body);
    } catch (UnsupportedOperationException | IOException e) {
      LOG.debug("history: no hard link, copying: {}", e.toString());
      files.replace(file, files.read(body, Bodies.LIMIT_FILE_BYTES));
    }
  }

  /** What was kept here and has been sent now is shown once, as sent. */
  private void supersede(HistoryEntry sent) {
    String content = Bodies.contentOf(sent.id());
    List<HistoryEntry> local =
        entries.keySet().stream()
            .filter(entry -> !entry.sent() && Bodies.contentOf(entry.id()).equals(content))
            .toList();
    local.forEach(this::remove);
  }

  private void add(HistoryEntry entry, Path file) {
    synchronized (lock) {
      if (entries.put(entry, file) == null) {
        bytes += entry.bytes();
      }
    }
  }

  private void remove(HistoryEntry entry) {
    Path file = entries.remove(entry);
    if (file == null) {
      return;
    }
    bytes -= entry.bytes();
    try {
      files.delete(file);
    } catch (IOException e) {
      LOG.warn("history: cannot remove {}: {}", file, e.toString());
    }
  }

  private void trim() {
    synchronized (lock) {
      Instant oldest = clock.instant().minus(limits.age());
      while (!entries.isEmpty()
          && (bytes > limits.bytes() || entries.firstKey().staged().isBefore(oldest))) {
        HistoryEntry entry = entries.firstKey();
        counters.count(entry.sent() ? "history.expired" : "history.expired_unsent");
        remove(entry);
      }
    }
  }

  /** Newest first, one entry a body: a trace may have several. */
  public List<HistoryEntry> entries() {
    synchronized (lock) {
      return List.copyOf(entries.descendingKeySet());
    }
  }

  public long bytes() {
    synchronized (lock) {
      return bytes;
    }
  }

  /** All traces whose id begins so (1 to 32 hex digits), newest first, their bodies merged. */
  public List<KeptTrace> find(String traceIdPrefix, int limit) throws IOException {
    String head =
        traceIdPrefix.substring(0, Math.min(HistoryEntry.TRACE_DIGITS, traceIdPrefix.length()));
    List<HistoryEntry> matching =
        entries().stream().filter(entry -> entry.traceIdPrefix().startsWith(head)).toList();
    return merged(matching, limit).stream()
        .filter(kept -> kept.trace().id().hex().startsWith(traceIdPrefix))
        .toList();
  }

  /** The newest traces, bodies merged. */
  public List<KeptTrace> latest(int limit) throws IOException {
    return merged(entries(), limit);
  }

  private List<KeptTrace> merged(List<HistoryEntry> newestFirst, int limit) throws IOException {
    var byTrace = new LinkedHashMap<String, List<HistoryEntry>>();
    for (HistoryEntry entry : newestFirst) {
      byTrace.computeIfAbsent(entry.traceIdPrefix(), prefix -> new ArrayList<>()).add(entry);
    }
    var traces = new ArrayList<KeptTrace>();
    for (List<HistoryEntry> bodies : byTrace.values()) {
      if (traces.size() >= limit) {
        break;
      }
      merge(bodies).ifPresent(traces::add);
    }
    return traces;
  }

  private Optional<KeptTrace> merge(List<HistoryEntry> bodies) throws IOException {
    var read = new ArrayList<Body>();
    var of = new ArrayList<HistoryEntry>();
    for (HistoryEntry entry : bodies.reversed()) {
      Optional<Body> body = read(entry);
      if (body.isPresent()) {
        read.add(body.get());
        of.add(entry);
      }
    }
    if (read.isEmpty()) {
      return Optional.empty();
    }
    Map<SpanId, Observation> spans = new LinkedHashMap<>();
    read.forEach(
        body ->
            body.trace()
                .observations()
                .forEach(observation -> spans.putIfAbsent(observation.frame().id(), observation)));
    List<Observation> ordered =
        spans.values().stream()
            .sorted(Comparator.comparing((Observation o) -> o.frame().start()))
            .toList();
    Body first =
        read.stream().filter(body -> body.trace().hasRoot()).findFirst().orElse(read.getFirst());
    return Optional.of(
        new KeptTrace(
            first.session(), new Trace(first.trace().id(), first.trace().context(), ordered), of));
  }

  /**
   * Empty if it was trimmed meanwhile, or cannot be read: counted, and no reason not to show the
   * rest.
   */
  Optional<Body> read(HistoryEntry entry) {
    Optional<byte[]> bytes = bytes(entry);
    try {
      return bytes.isEmpty() ? Optional.empty() : Optional.of(Body.read(bytes.get()));
    } catch (IOException e) {
      counters.count("history.unreadable");
      LOG.warn("history: cannot read {}: {}", entry.id(), e.toString());
      return Optional.empty();
    }
  }

  Optional<byte[]> bytes(HistoryEntry entry) {
    Path file;
    synchronized (lock) {
      file = entries.get(entry);
    }
    try {
      return file == null
          ? Optional.empty()
          : Optional.of(files.read(file, Bodies.LIMIT_FILE_BYTES));
    } catch (NoSuchFileException e) {
      forget(entry);
      return Optional.empty();
    } catch (IOException e) {
      counters.count("history.unreadable");
      LOG.warn("history: cannot read {}: {}", entry.id(), e.toString());
      return Optional.empty();
    }
  }

  /** Somebody removed its file. */
  private void forget(HistoryEntry entry) {
    synchronized (lock) {
      if (entries.remove(entry) != null) {
        bytes -= entry.bytes();
        counters.count("history.removed");
      }
    }
  }

  /** Forgets what somebody removed under us: a look at every file. */
  public void forgetRemoved() {
    synchronized (lock) {
      var kept = Map.copyOf(entries);
      kept.forEach(
          (entry, file) -> {
            if (Files.notExists(file)) {
              forget(entry);
            }
          });
    }
  }

  /**
   * Removes all bodies of a session. Returns how many. Reads every body: an explicit act of the
   * user.
   */
  public int purge(SessionKey session) throws IOException {
    int removed = 0;
    for (HistoryEntry entry : entries()) {
      Optional<Body> body = read(entry);
      if (body.isPresent() && body.get().session().equals(session)) {
        synchronized (lock) {
          remove(entry);
        }
        removed++;
      }
    }
    files.forceDirectory(directory);
    return removed;
  }
}
