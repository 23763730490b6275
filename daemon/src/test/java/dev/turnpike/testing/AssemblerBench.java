package dev.turnpike.testing;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.agent.Finished.Skipped;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.Signal;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A session worker of a few lines, to play events and files to an adapter: one assembler a session,
 * the round of {@link TurnAssembler} after every event, what it gives out in {@link #told()}. If
 * wanted it forgets every assembler after each thing that is finished and after each look, and
 * builds it anew from its memory, from the events that memory needs and from the files.
 */
public class AssemblerBench<S extends Signal> {
  public static final Circumstances EARLY = Circumstances.ORDINARY;
  public static final Circumstances HEARD = new Circumstances(true, false, false, false, true);
  public static final Circumstances PATIENT = new Circumstances(true, false, false, true, true);
  public static final Circumstances IDLE = new Circumstances(true, false, true, true, true);
  public static final Circumstances GONE = new Circumstances(true, true, false, true, true);

  private static final Instant BEGINNING = Instant.parse("2026-11-29T00:00:00Z");

  /** Where the followed files lie. */
  public enum Shelf {
    ON_DISK,
    /** As {@link #file} says. */
    IN_MEMORY
  }

  private final class Session {
    private final SessionKey key;
    private final Map<Path, Long> offsets = new HashMap<>();

    /** Events that no memory has made unneeded: a restart tells them again. */
    private final Map<EventId, Event> held = new LinkedHashMap<>();

    private TurnAssembler<S> assembler;

    Session(SessionKey key) {
      this.key = key;
      this.assembler = assembler(key, Optional.empty());
    }
  }

  private final Agent<S> agent;
  private final Shelf shelf;
  private final boolean restarts;
  private final Told told = new Told();
  private final Map<String, Integer> counters = new TreeMap<>();
  private final Map<SessionKey, Session> sessions = new LinkedHashMap<>();
  private final Map<Path, byte[]> files = new HashMap<>();
  private final Set<TurnKey> exported = new HashSet<>();
  private int events;

  public AssemblerBench(Agent<S> agent, Shelf shelf, boolean restarts) {
    this.agent = agent;
    this.shelf = shelf;
    this.restarts = restarts;
  }

  public final Told told() {
    return told;
  }

  /** What was counted; turns that were skipped as {@code skipped.REASON}. */
  public final Map<String, Integer> counters() {
    return counters;
  }

  /** That turn went out before, in another session. */
  public final void exported(TurnKey turn) {
    exported.add(turn);
  }

  /** The file is that long now. */
  public final void file(Path path, byte[] whole, int length) {
    files.put(path, Arrays.copyOf(whole, length));
  }

  /** The file has grown to that length, or is longer already. */
  public final void grow(Path path, byte[] whole, int length) {
    if (length > files.getOrDefault(path, new byte[0]).length) {
      file(path, whole, length);
    }
  }

  /** The file was replaced: it is read again from its start. */
  public final void restarted(Path path) {
    for (Session session : sessions.values()) {
      session.offsets.put(path, 0L);
      session.assembler.restarted(path);
    }
  }

  public final Interpretation<S> interpret(String body) {
    return interpret(body, Map.of());
  }

  public final Interpretation<S> interpret(String body, Map<String, String> environment) {
    return agent.interpret(event(bytes(body), BEGINNING, environment));
  }

  private Event event(byte[] body, Instant at, Map<String, String> environment) {
    return new Event(
        new EventId("e" + events++),
        agent.id(),
        at,
        new Caller(null, 0, "test", null, environment, false),
        DestinationId.LOCAL,
        new EventBody.Inline(body));
  }

  private static byte[] bytes(String body) {
    return body.getBytes(StandardCharsets.UTF_8);
  }

  /** Tells an event, which must be understood, and looks. Each comes later than the one before. */
  public final void deliver(String body) {
    deliver(bytes(body), BEGINNING.plusMillis(events));
  }

  /**
   * @param at when the hook started
   */
  public final void deliver(byte[] body, Instant at) {
    Event event = event(body, at, Map.of());
    if (agent.interpret(event) instanceof Interpretation.Understood<S>(var signal)) {
      var key = new SessionKey(agent.id(), signal.session());
      Session session = sessions.computeIfAbsent(key, Session::new);
      session.held.put(event.id(), event);
      session.assembler.accept(event, signal);
      look(EARLY);
    } else {
      throw new AssertionError("not understood: " + new String(body, StandardCharsets.UTF_8));
    }
  }

  private TurnAssembler<S> assembler(SessionKey key, Optional<Memory> memory) {
    return agent.assembler(
        new SessionRef(
            key,
            memory,
            exported::contains,
            (turn, number, prompt) -> TraceSeed.of(agent.id(), turn),
            reason -> counters.merge(reason, 1, Integer::sum)));
  }

  /** A turn is open in some session. */
  public final boolean open() {
    return any(TurnAssembler::open);
  }

  /** Some session awaits rows that a hint spoke of. */
  public final boolean awaitsRows() {
    return any(TurnAssembler::awaitingRows);
  }

  /** Nothing is open and no rows are awaited. */
  public final boolean rests() {
    return !open() && !awaitsRows();
  }

  private boolean any(Predicate<TurnAssembler<S>> what) {
    return sessions.values().stream().anyMatch(session -> what.test(session.assembler));
  }

  /** The assembler of the first session. */
  public final TurnAssembler<S> first() {
    return sessions.values().iterator().next().assembler;
  }

  /** How many events a restart would tell again. */
  public final int needed() {
    return sessions.values().stream().mapToInt(s -> s.assembler.memory().needed().size()).sum();
  }

  /** One look at every session: reads, polls and commits until nothing changes. */
  public final void look(Circumstances now) {
    sessions.values().forEach(session -> look(session, now));
  }

  private void look(Session session, Circumstances now) {
    boolean more = true;
    while (more) {
      more = read(session);
      for (var next = session.assembler.poll(now);
          next.isPresent();
          next = session.assembler.poll(now)) {
        more = true;
        if (next.get() instanceof ClosedTurn turn) {
          exported.add(turn.key());
        }
        if (next.get() instanceof Skipped skipped) {
          counters.merge("skipped." + skipped.reason(), 1, Integer::sum);
        }
        told.add(session.key, next.get());
        commit(session, next.get().memory());
        if (restarts) {
          rebuild(session, next.get().memory());
          read(session);
        }
      }
    }
    if (restarts) {
      restart(session);
      read(session);
    }
  }

  /** The daemon ends after a step that took every event it could, and starts again. */
  public final void restart() {
    sessions.values().forEach(this::restart);
  }

  private void restart(Session session) {
    Memory memory = session.assembler.memory();
    commit(session, memory);
    rebuild(session, memory);
  }

  private void commit(Session session, Memory memory) {
    if (!session.held.keySet().containsAll(memory.needed())) {
      throw new AssertionError("needs events that were consumed: " + memory.needed());
    }
    session.held.keySet().retainAll(memory.needed());
  }

  private void rebuild(Session session, Memory memory) {
    session.assembler = assembler(session.key, Optional.of(memory));
    session.offsets.clear();
    for (Event event : session.held.values()) {
      if (agent.interpret(event) instanceof Interpretation.Understood<S>(var signal)) {
        session.assembler.accept(event, signal);
      }
    }
  }

  /**
   * Reads what the followed files have new. A row may name a further file: that belongs to the same
   * pass, nothing may be closed before it was read.
   */
  private boolean read(Session session) {
    boolean any = false;
    var seen = new HashSet<Path>();
    for (boolean more = true; more; ) {
      more = false;
      List<FollowedFile> followed = session.assembler.files();
      session.offsets.keySet().retainAll(followed.stream().map(FollowedFile::path).toList());
      for (FollowedFile file : followed) {
        if (seen.add(file.path())) {
          more |= read(session, file);
        }
      }
      any |= more;
    }
    return any;
  }

  private boolean read(Session session, FollowedFile file) {
    return content(file.path()).map(bytes -> read(session, file, bytes)).orElse(false);
  }

  private boolean read(Session session, FollowedFile file, byte[] bytes) {
    Long reached = session.offsets.get(file.path());
    long from = reached == null ? file.from() : reached;
    if (from > bytes.length) {
      if (reached == null) {
        throw new AssertionError("wants " + file + " read from beyond its end");
      }
      session.assembler.restarted(file.path());
      from = 0;
    }
    int start = (int) from;
    for (int i = start; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        LentRow.give(bytes, start, i, row -> session.assembler.accept(file.path(), row));
        start = i + 1;
      }
    }
    session.offsets.put(file.path(), (long) start);
    return start > from;
  }

  /** Empty if there is no such file. */
  private Optional<byte[]> content(Path path) {
    return switch (shelf) {
      case IN_MEMORY -> Optional.ofNullable(files.get(path));
      case ON_DISK -> onDisk(path);
    };
  }

  private static Optional<byte[]> onDisk(Path path) {
    try {
      return Files.exists(path) ? Optional.of(Files.readAllBytes(path)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
