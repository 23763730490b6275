package dev.turnpike.daemon;

import dev.turnpike.config.CredentialStore;
import dev.turnpike.config.SeenHosts;
import dev.turnpike.index.TraceIndex;
import dev.turnpike.journal.Journal;
import dev.turnpike.outbox.History;
import dev.turnpike.platform.Beat;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds whether the daemon's places are still there: the lock, the socket, the
 * journal, the log, the directories of the state. What somebody removed is made again from memory,
 * as far as it stands there: events, how far sessions were read, which batches wait, keys, rulings
 * on servers. Bodies that lay in files only (waiting batches, large events, the local history, the
 * spool) are gone with them; each that is missed is counted. Also has the journal, the log, the
 * history and the index try again a disk that refused.
 */
final class PlaceWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PlaceWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final int LIMIT_REMADE = 10;

  /** The rooms it looks after. */
  record Rooms(
      Journal journal,
      CredentialStore credentials,
      SeenHosts hosts,
      History history,
      TraceIndex index) {}

  /** Something that may be mended. */
  interface Look {
    void run() throws IOException;
  }

  private final Paths paths;
  private final Ownership ownership;
  private final Rooms rooms;
  private final InstantSource clock;
  private final Runnable exit;
  private List<Optional<Object>> places;
  private Optional<String> logTrouble = Optional.empty();
  private final CountDownLatch closed = new CountDownLatch(1);

  private final Object guard = new Object();
  private final Map<String, String> problems = new TreeMap<>();
  private final List<String> remade = new ArrayList<>();

  /**
   * @param exit what ends the daemon once another has taken its place; must not block
   */
  PlaceWatch(Paths paths, Ownership ownership, Rooms rooms, InstantSource clock, Runnable exit)
      throws IOException {
    this.paths = paths;
    this.places = placesNow();
    this.ownership = ownership;
    this.rooms = rooms;
    this.clock = clock;
    this.exit = exit;
  }

  /** What cannot be mended now, in words; the next look tries again. */
  List<String> problems() {
    synchronized (guard) {
      return List.copyOf(problems.values());
    }
  }

  /** What was removed and made again since the start, the last few times. */
  List<String> remade() {
    synchronized (guard) {
      return List.copyOf(remade);
    }
  }

  /**
   * @param socket looks after the socket's file
   * @param port after the port that telemetry comes in by
   */
  PlaceWatch begin(Look socket, Look port) {
    var _ = Thread.ofVirtual().name("places").start(() -> watch(socket, port));
    return this;
  }

  private void watch(Look socket, Look port) {
    try {
      while (!closed.await(Beat.untilNext(EVERY).toNanos(), TimeUnit.NANOSECONDS)) {
        if (!look(socket, port)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False: the places are another daemon's. */
  private boolean look(Look socket, Look port) {
    try {
      if (!ownership.renew()) {
        LOG.error("the state directory was removed, and another daemon has begun in its place");
        exit.run();
        return false;
      }
      solved("lock");
    } catch (IOException | RuntimeException e) {
      unsolved("lock", "the state directory cannot be made again: " + e.getMessage());
      return true;
    }
    attempt("state", "the state directory cannot be made again", this::remakeState);
    attempt("socket", "the socket cannot be made again", socket);
    attempt("port", "nobody looks after the port for telemetry", port);
    lookAfterLog();
    rooms.journal().look();
    rooms.history().look();
    rooms.index().look();
    return true;
  }

  /** Its own trouble is for whoever reads standard error; {@code status} asks the log itself. */
  private void lookAfterLog() {
    Optional<String> trouble = LogSetup.look();
    if (logTrouble.isEmpty()) {
      trouble.ifPresent(why -> LOG.warn("the log cannot be written: {}; trying again", why));
    }
    logTrouble = trouble;
  }

  /** Some of them may have been made again by whoever needed them, with nothing else in them. */
  private void remakeState() throws IOException {
    if (places.equals(placesNow())) {
      return;
    }
    for (Path directory : List.of(paths.inbox(), paths.outbox(), paths.traces())) {
      PrivateFiles.createDirectory(directory);
    }
    rooms.hosts().restore();
    rooms.history().forgetRemoved();
    rooms.credentials().restore();
    places = placesNow();
    String what =
        "files of the state directory were removed at about %s and made again from memory; what only they held is gone"
            .formatted(clock.instant().truncatedTo(ChronoUnit.SECONDS));
    LOG.error("{}", what);
    synchronized (guard) {
      remade.add(what);
      if (remade.size() > LIMIT_REMADE) {
        remade.removeFirst();
      }
    }
  }

  /** Which directories these are, not only how they are called. */
  private List<Optional<Object>> placesNow() throws IOException {
    var keys = new ArrayList<Optional<Object>>();
    for (Path place : List.of(paths.state(), paths.credentials())) {
      try {
        keys.add(
            Optional.ofNullable(Files.readAttributes(place, BasicFileAttributes.class).fileKey()));
      } catch (NoSuchFileException e) {
        keys.add(Optional.empty());
      }
    }
    return keys;
  }

  /** Whatever fails, the next look has to come. */
  private void attempt(String name, String trouble, Look look) {
    try {
      look.run();
      solved(name);
    } catch (IOException | RuntimeException e) {
      unsolved(name, trouble + ": " + e.getMessage());
    }
  }

  private void solved(String name) {
    synchronized (guard) {
      problems.remove(name);
    }
  }

  private void unsolved(String name, String problem) {
    synchronized (guard) {
      if (problems.put(name, problem) == null) {
        LOG.warn("{}; trying again", problem);
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
