package dev.turnpike.agent.codex;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A session worker of a few lines: one assembler a session, files on the disk, and, if wanted, a
 * restart from the committed memory after everything that happens.
 */
final class Rig {
  static final Circumstances ORDINARY = Circumstances.ORDINARY;
  static final Circumstances PATIENT = new Circumstances(true, false, false, true);
  static final Circumstances IDLE = new Circumstances(true, false, true, true);

  /** A trace as it went out. */
  record Told(SessionKey session, TraceId id, TurnKey key, List<Observation> observations) {
    Observation root() {
      return observations.stream()
          .filter(o -> o.frame().parent() == null)
          .findFirst()
          .orElseThrow();
    }

    List<Observation> below(SpanId parent) {
      return observations.stream()
          .filter(o -> parent.equals(o.frame().parent()))
          .sorted((a, b) -> a.frame().start().compareTo(b.frame().start()))
          .toList();
    }
  }

  private static final class Session {
    final Map<Path, Long> offsets = new HashMap<>();
    TurnAssembler<CodexSignal> assembler;

    Session(TurnAssembler<CodexSignal> assembler) {
      this.assembler = assembler;
    }
  }

  final Map<String, Integer> counters = new TreeMap<>();
  final Map<TraceId, Told> told = new LinkedHashMap<>();
  final Set<TurnKey> exported = new HashSet<>();
  final List<String> log = new ArrayList<>();
  private final Set<TraceId> expectingMore = new HashSet<>();
  private final boolean restarts;
  private final Codex codex = new Codex(new NoInstaller());
  private final Map<SessionKey, Session> sessions = new LinkedHashMap<>();
  private int events;

  Rig(boolean restarts) {
    this.restarts = restarts;
  }

  /** The file was replaced: it is read again from its start. */
  void restarted(Path path) {
    for (Session session : sessions.values()) {
      session.offsets.put(path, 0L);
      session.assembler.restarted(path);
    }
  }

  Interpretation<CodexSignal> interpret(String body) {
    return codex.interpret(event(body));
  }

  private Event event(String body) {
    events++;
    return new Event(
        new EventId("e" + events),
        Codex.ID,
        Instant.parse("2026-11-29T00:00:00Z").plusMillis(events),
        new Caller(null, 0, "test", null, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(body.getBytes(StandardCharsets.UTF_8)));
  }

  void deliver(String body) {
    Event event = event(body);
    if (codex.interpret(event) instanceof Interpretation.Understood<CodexSignal>(var signal)) {
      var key = new SessionKey(Codex.ID, signal.session());
      Session session =
          sessions.computeIfAbsent(key, k -> new Session(assembler(k, Optional.empty())));
      session.assembler.accept(event, signal);
      look(ORDINARY);
    } else {
      throw new AssertionError("not understood: " + body);
    }
  }

  private TurnAssembler<CodexSignal> assembler(SessionKey key, Optional<Memory> memory) {
    return codex.assembler(
        new SessionRef(
            key,
            memory,
            exported::contains,
            (turn, number, prompt) -> TraceSeed.of(Codex.ID, turn),
            reason -> counters.merge(reason, 1, Integer::sum)));
  }

  boolean open() {
    return sessions.values().stream()
        .anyMatch(s -> s.assembler.open() || s.assembler.awaitingRows());
  }

  void look(Circumstances now) {
    sessions.forEach((key, session) -> look(key, session, now));
  }

  private void look(SessionKey key, Session session, Circumstances now) {
    boolean more = true;
    while (more) {
      more = read(session);
      for (var next = session.assembler.poll(now);
          next.isPresent();
          next = session.assembler.poll(now)) {
        more = true;
        keep(key, next.get());
        if (restarts) {
          restart(key, session, next.get().memory());
        }
      }
    }
    if (restarts) {
      restart(key, session, session.assembler.memory());
    }
  }

  private void restart(SessionKey key, Session session, Memory memory) {
    session.assembler = assembler(key, Optional.of(memory));
    session.offsets.clear();
    while (read(session)) {
      // a file may name others
    }
  }

  private boolean read(Session session) {
    boolean any = false;
    var seen = new HashSet<Path>();
    for (boolean more = true; more; ) {
      more = false;
      List<FollowedFile> followed = session.assembler.files();
      session.offsets.keySet().retainAll(followed.stream().map(FollowedFile::path).toList());
      for (FollowedFile file : followed) {
        if (seen.add(file.path())) {
          boolean grew = read(session, file);
          any |= grew;
          more |= grew;
        }
      }
    }
    return any;
  }

  private static boolean read(Session session, FollowedFile file) {
    byte[] bytes;
    try {
      bytes = Files.exists(file.path()) ? Files.readAllBytes(file.path()) : new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean any = false;
    int start = session.offsets.getOrDefault(file.path(), file.from()).intValue();
    for (int i = start; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        session.assembler.accept(
            file.path(), new Line.Row(start, i + 1, Arrays.copyOfRange(bytes, start, i)));
        start = i + 1;
        any = true;
      }
    }
    session.offsets.put(file.path(), (long) start);
    return any;
  }

  private void keep(SessionKey key, Finished finished) {
    switch (finished) {
      case Finished.ClosedTurn turn -> {
        exported.add(turn.key());
        var trace = new Told(key, turn.trace(), turn.key(), new ArrayList<>(turn.observations()));
        if (told.put(turn.trace(), trace) != null) {
          throw new AssertionError("told twice: " + turn.key());
        }
        log.add("turn " + turn.key());
        if (turn.laterParts()) {
          expectingMore.add(turn.trace());
        }
      }
      case Finished.LaterPart part -> {
        if (!expectingMore.contains(part.trace())) {
          throw new AssertionError("nothing was to come of that trace any more");
        }
        told.get(part.trace()).observations().addAll(part.observations());
        log.add("part of " + told.get(part.trace()).key() + (part.last() ? ", the last" : ""));
        if (part.last()) {
          expectingMore.remove(part.trace());
        }
      }
      case Finished.Skipped skipped ->
          counters.merge("skipped." + skipped.reason(), 1, Integer::sum);
    }
  }

  private static final class NoInstaller implements Installer {
    @Override
    public Detection detect(Machine machine) {
      return new Detection(false, machine.home(), Optional.empty());
    }

    @Override
    public List<FileChange> register(Machine machine, Path hookProgram) {
      return List.of();
    }

    @Override
    public List<FileChange> unregister(Machine machine) {
      return List.of();
    }

    @Override
    public Registration check(Machine machine, Path hookProgram) {
      return new Registration.Absent();
    }
  }
}
