package dev.turnpike.inbox;

import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Entry;
import dev.turnpike.journal.Journal;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.platform.Counters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events that were accepted and not consumed yet. What is pending, and what came before, is the
 * journal's knowledge; here are the bounds, the files of large bodies, and the spool.
 *
 * <p>A large body is a file {@code <event id>.body} that has its name before the entry is written,
 * and goes after the step that consumed the event. Files that belong to no pending event are swept
 * when the inbox opens.
 */
public final class Inbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
  private static final int SPILL_WHEN_FULL_BYTES = 1024;
  private static final String BODY = ".body";

  private final Path directory;
  private final Journal journal;
  private final InboxLimits limits;
  private final DurableFiles files;
  private final Spool spool;
  private final AtomicLong spillNames = new AtomicLong();
  private final ExecutorService spillers = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Consumer<Event> router = event -> {};
  private volatile Function<Event, ? extends CompletionStage<Void>> declined =
      event -> CompletableFuture.completedFuture(null);

  private final Object lock = new Object();
  private final Map<EventId, CompletableFuture<AcceptResult>> arriving = new HashMap<>();
  private final Set<EventId> spilled = new HashSet<>();
  private long arrivingBytes;
  private long arrivingInlineBytes;

  private Inbox(
      Path directory,
      Path spoolDirectory,
      Journal journal,
      InboxLimits limits,
      Consent consent,
      UnaryOperator<Map<String, String>> withoutSecrets,
      Counters counters,
      DurableFiles files) {
    this.directory = directory;
    this.journal = journal;
    this.limits = limits;
    this.files = files;
    this.spool =
        new Spool(
            spoolDirectory,
            limits,
            consent,
            withoutSecrets,
            counters,
            files,
            event -> accept(event, true),
            event -> declined.apply(event));
  }

  /**
   * @param withoutSecrets what of a call's environment may be kept
   */
  public static Inbox open(
      Path directory,
      Path spool,
      Journal journal,
      InboxLimits limits,
      Consent consent,
      UnaryOperator<Map<String, String>> withoutSecrets,
      Counters counters,
      DurableFiles files)
      throws IOException {
    files.createDirectory(directory);
    var inbox =
        new Inbox(directory, spool, journal, limits, consent, withoutSecrets, counters, files);
    inbox.sweep(counters);
    return inbox;
  }

  /**
   * Takes an event over. May be called from a thread that must not block; a large body is written
   * by another.
   *
   * @param onlyCopy the agent keeps no record of its own: wait until it is on the disk
   */
  public CompletableFuture<AcceptResult> accept(Event event, boolean onlyCopy) {
    var result = new CompletableFuture<AcceptResult>();
    boolean spill;
    synchronized (lock) {
      CompletableFuture<AcceptResult> same = arriving.get(event.id());
      if (same != null) {
        return same.thenApply(
            first -> first instanceof AcceptResult.Stored ? new AcceptResult.Duplicate() : first);
      }
      if (journal.view().knows(event.id())) {
        return CompletableFuture.completedFuture(new AcceptResult.Duplicate());
      }
      int events = journal.view().pendingEventCount() + arriving.size();
      if (events >= limits.events() && waiting() >= limits.events()) {
        return full(events + " events wait");
      }
      long bytes = journal.view().pendingEventBytes() + arrivingBytes + event.body().size();
      if (bytes > limits.bytes()) {
        return full(bytes + " bytes of events wait");
      }
      spill = spills(event.body());
      arriving.put(event.id(), result);
      count(event.body(), spill, 1);
    }
    if (spill) {
      spillers.execute(() -> keepSpilled(event, onlyCopy, result));
    } else {
      keep(event, event, onlyCopy, false, result);
    }
    return result;
  }

  /** Exactly: for a moment an event is pending already and has not left {@code arriving}. */
  private long waiting() {
    long onTheWay = arriving.keySet().stream().filter(id -> !journal.view().pending(id)).count();
    return journal.view().pendingEventCount() + onTheWay;
  }

  private boolean spills(EventBody body) {
    return switch (body) {
      case EventBody.Spilled _ -> true;
      case EventBody.Inline(var bytes) ->
          bytes.length > limits.spillAboveBytes()
              || (bytes.length > SPILL_WHEN_FULL_BYTES
                  && journal.view().pendingInlineBytes() + arrivingInlineBytes + bytes.length
                      > limits.inlineBytes());
    };
  }

  private void count(EventBody body, boolean spill, int sign) {
    arrivingBytes += sign * body.size();
    arrivingInlineBytes += spill ? 0 : sign * body.size();
  }

  private static CompletableFuture<AcceptResult> full(String reason) {
    return CompletableFuture.completedFuture(new AcceptResult.Full(reason));
  }

  private void keepSpilled(Event event, boolean onlyCopy, CompletableFuture<AcceptResult> result) {
    Path body = body(event.id());
    try {
      switch (event.body()) {
        case EventBody.Spilled(var file, long size) -> {
          if (onlyCopy) {
            force(file, size);
          }
          files.rename(file, body);
        }
        case EventBody.Inline(var bytes) when onlyCopy -> files.replace(body, bytes);
        case EventBody.Inline(var bytes) -> write(body, bytes);
      }
      // a hint may be lost in a power cut, and its caller waits: what is in it is not forced either
      if (onlyCopy) {
        files.forceDirectory(directory);
      }
    } catch (IOException e) {
      arrived(event, true, result, new AcceptResult.Failed("body: " + e.getMessage()));
      return;
    }
    var kept =
        new Event(
            event.id(),
            event.agent(),
            event.at(),
            event.caller(),
            event.destination(),
            new EventBody.Spilled(body, event.body().size()));
    keep(event, kept, onlyCopy, true, result);
  }

  /** Nothing names the file before its entry is written: until then it may be half of one. */
  private void write(Path file, byte[] bytes) throws IOException {
    try (DurableFiles.Appender out = files.create(file)) {
      out.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)});
    }
  }

  /** The gateway only writes it: what lies nowhere else must outlive a power cut. */
  private void force(Path file, long size) throws IOException {
    try (DurableFiles.Appender written = files.reopen(file, size)) {
      written.force();
    }
  }

  private void keep(
      Event offered,
      Event event,
      boolean onlyCopy,
      boolean spill,
      CompletableFuture<AcceptResult> result) {
    var entry = new Entry.EventAccepted(event);
    CompletableFuture<Void> written = onlyCopy ? journal.commit(entry) : journal.append(entry);
    var _ =
        written.whenComplete(
            (done, failure) -> {
              if (failure == null) {
                if (spill) {
                  synchronized (lock) {
                    spilled.add(event.id());
                  }
                }
                router.accept(event);
                arrived(offered, spill, result, new AcceptResult.Stored());
              } else {
                arrived(offered, spill, result, new AcceptResult.Failed(failure.toString()));
              }
            });
  }

  private void arrived(
      Event event, boolean spill, CompletableFuture<AcceptResult> result, AcceptResult answer) {
    synchronized (lock) {
      arriving.remove(event.id());
      count(event.body(), spill, -1);
    }
    result.complete(answer);
  }

  /**
   * Called for every spooled event for which tracing is off: nothing of it is kept, but its prompt
   * must not be sent when tracing is switched on again. The event stays in the spool until what the
   * listener returned completes.
   */
  public void listenDeclined(Function<Event, ? extends CompletionStage<Void>> listener) {
    this.declined = listener;
  }

  /**
   * Called for every event after it was stored, in order for each caller, on the thread that stored
   * it: the listener must not block. Before that event's {@code accept} completes. Not for those of
   * {@link #pending()} at the start.
   */
  public void listen(Consumer<Event> listener) {
    this.router = listener;
  }

  public List<Event> pending() {
    return journal.view().pendingEvents();
  }

  /**
   * After the step that consumed them was committed (or they were dropped): removes their files.
   */
  public void consumed(Collection<EventId> events) {
    for (EventId id : events) {
      boolean file;
      synchronized (lock) {
        file = !journal.view().pending(id) && spilled.remove(id);
      }
      if (file) {
        remove(body(id));
      }
    }
  }

  /**
   * An empty file, 0600, to which the gateway may write a large body before it offers the event
   * with {@code EventBody.Spilled}: closed then. It stays the caller's until it was {@code Stored};
   * one that is forgotten is swept at the next start.
   */
  public Path newSpillFile() throws IOException {
    Path file = directory.resolve("new-" + spillNames.incrementAndGet() + ".part");
    files.create(file).close();
    return file;
  }

  /** Takes over what hook clients left, oldest first. Blocks; one call at a time, others wait. */
  public Drained drainSpool() throws IOException {
    List<EventId> gone;
    synchronized (lock) {
      gone = spilled.stream().filter(id -> !journal.view().pending(id)).toList();
    }
    consumed(gone);
    return spool.drain();
  }

  public InboxStatus status() {
    return new InboxStatus(
        journal.view().pendingEventCount(), journal.view().pendingEventBytes(), spool.waiting());
  }

  /** Stops routing. Events stored from now on are found at the next start. */
  @Override
  public void close() {
    spillers.close();
    router = event -> {};
  }

  private Path body(EventId id) {
    return directory.resolve(id.value() + BODY);
  }

  /**
   * Runs before anything arrives, so whatever is not named by a pending event belongs to nobody.
   */
  private void sweep(Counters counters) throws IOException {
    Set<Path> owned = new HashSet<>();
    for (Event event : journal.view().pendingEvents()) {
      if (event.body() instanceof EventBody.Spilled(var file, _)) {
        owned.add(file);
        spilled.add(event.id());
      }
    }
    for (Path file : files.list(directory)) {
      if (!owned.contains(file) && Files.isRegularFile(file)) {
        counters.count("inbox.orphan");
        remove(file);
      }
    }
  }

  private void remove(Path file) {
    try {
      files.delete(file);
    } catch (IOException e) {
      LOG.warn("inbox: cannot remove {}: {}", file, e.toString());
    }
  }
}
