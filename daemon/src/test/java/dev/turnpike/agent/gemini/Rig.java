package dev.turnpike.agent.gemini;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.AgentId;
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
import java.nio.charset.StandardCharsets;
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
 * A session worker of a few lines: one assembler a session, files in memory, and, if wanted, a
 * restart from the committed memory after everything that happens.
 */
final class Rig {
  static final Circumstances PATIENT = new Circumstances(true, false, false, true);
  static final Circumstances GONE = new Circumstances(true, true, false, true);

  /** A trace as it went out. */
  record Told(SessionKey session, TraceId id, List<Observation> observations) {
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
    TurnAssembler<GeminiSignal> assembler;

    Session(TurnAssembler<GeminiSignal> assembler) {
      this.assembler = assembler;
    }
  }

  final Map<String, Integer> counters = new TreeMap<>();
  final Map<TraceId, Told> told = new LinkedHashMap<>();
  private final boolean restarts;
  final List<Finished.LaterPart> parts = new ArrayList<>();

  /** Somebody else is asked at a turn's end. */
  boolean others;

  private final GeminiCli gemini =
      new GeminiCli(new GeminiInstaller(Path.of("/none")), (file, cwd) -> others);
  private final Map<SessionKey, Session> sessions = new LinkedHashMap<>();
  private final Map<Path, byte[]> files = new HashMap<>();
  private final Set<TurnKey> exported = new HashSet<>();

  /** Traces of which more may come. */
  private final Set<TraceId> awaited = new HashSet<>();

  private int events;

  Rig(boolean restarts) {
    this.restarts = restarts;
  }

  /** The file is that long now. */
  void file(Path path, byte[] whole, int length) {
    files.put(path, Arrays.copyOf(whole, length));
  }

  /** The file was replaced: it is read again from its start. */
  void restarted(Path path) {
    for (Session session : sessions.values()) {
      session.offsets.put(path, 0L);
      session.assembler.restarted(path);
    }
  }

  Interpretation<GeminiSignal> interpret(String body, Map<String, String> environment) {
    return gemini.interpret(event(body, environment));
  }

  private Event event(String body, Map<String, String> environment) {
    return new Event(
        new EventId("e" + events++),
        GeminiCli.ID,
        Instant.EPOCH,
        new Caller(null, 0, "test", null, environment, false),
        DestinationId.LOCAL,
        new EventBody.Inline(body.getBytes(StandardCharsets.UTF_8)));
  }

  void deliver(String body) {
    Event event = event(body, Map.of());
    if (gemini.interpret(event) instanceof Interpretation.Understood<GeminiSignal>(var signal)) {
      var key = new SessionKey(GeminiCli.ID, signal.session());
      Session session =
          sessions.computeIfAbsent(key, k -> new Session(assembler(k, Optional.empty())));
      session.assembler.accept(event, signal);
      look(new Circumstances(true, false, false, false));
    } else {
      throw new AssertionError("not understood: " + body);
    }
  }

  private TurnAssembler<GeminiSignal> assembler(SessionKey key, Optional<Memory> memory) {
    return gemini.assembler(
        new SessionRef(
            key,
            memory,
            exported::contains,
            (turn, number, prompt) -> TraceSeed.of(new AgentId("gemini-cli"), turn),
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
    List<FollowedFile> followed = session.assembler.files();
    session.offsets.keySet().retainAll(followed.stream().map(FollowedFile::path).toList());
    for (FollowedFile file : followed) {
      byte[] bytes = files.getOrDefault(file.path(), new byte[0]);
      long from = session.offsets.getOrDefault(file.path(), file.from());
      int start = (int) from;
      for (int i = start; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          session.assembler.accept(
              file.path(), new Line.Row(start, i + 1, Arrays.copyOfRange(bytes, start, i)));
          start = i + 1;
          any = true;
        }
      }
      session.offsets.put(file.path(), (long) start);
    }
    return any;
  }

  private void keep(SessionKey key, Finished finished) {
    switch (finished) {
      case Finished.ClosedTurn turn -> {
        exported.add(turn.key());
        if (turn.laterParts()) {
          awaited.add(turn.trace());
        }
        var trace = new Told(key, turn.trace(), new ArrayList<>(turn.observations()));
        if (told.put(turn.trace(), trace) != null) {
          throw new AssertionError("told twice: " + turn.key());
        }
      }
      case Finished.LaterPart part -> {
        parts.add(part);
        Told trace = told.get(part.trace());
        if (trace == null || !awaited.contains(part.trace())) {
          throw new AssertionError("a part of nothing: " + part);
        }
        trace.observations().addAll(part.observations());
        if (part.last()) {
          awaited.remove(part.trace());
        }
      }
      case Finished.Skipped skipped ->
          counters.merge("skipped." + skipped.reason(), 1, Integer::sum);
    }
  }
}
