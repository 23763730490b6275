package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.Agent;
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
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import dev.turnpike.testing.NoInstaller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A small session worker for tests: one assembler per session, its round as the contract of {@link
 * TurnAssembler} describes it.
 */
final class Worker {
  private static final AgentId AGENT = new AgentId("claude-code");

  /** Something that was finished, and the session it belongs to. */
  record Done(SessionId session, Finished finished) {}

  private static final class Session {
    final SessionKey key;
    TurnAssembler<ClaudeSignal> assembler;
    Optional<Memory> memory = Optional.empty();
    final Map<Path, Long> offsets = new HashMap<>();

    Session(SessionKey key, TurnAssembler<ClaudeSignal> assembler) {
      this.key = key;
      this.assembler = assembler;
    }
  }

  private final Agent<ClaudeSignal> agent = new ClaudeCode(new NoInstaller());
  private final boolean restartAlways;
  private final Map<SessionKey, Session> sessions = new LinkedHashMap<>();
  private final Set<TurnKey> exported = new HashSet<>();
  private final List<Done> done = new ArrayList<>();
  final Map<String, Integer> counters = new TreeMap<>();
  private int events;

  Worker(boolean restartAlways) {
    this.restartAlways = restartAlways;
  }

  List<Done> done() {
    return done;
  }

  Interpretation<ClaudeSignal> interpret(byte[] payload, long atMillis) {
    return agent.interpret(event(payload, atMillis));
  }

  private Event event(byte[] payload, long atMillis) {
    return new Event(
        new EventId("e" + events++),
        AGENT,
        Instant.ofEpochMilli(atMillis),
        new Caller(null, 0, "test", null, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(payload));
  }

  void deliver(byte[] payload, long atMillis) throws IOException {
    Event event = event(payload, atMillis);
    if (agent.interpret(event) instanceof Interpretation.Understood<ClaudeSignal>(var signal)) {
      var key = new SessionKey(AGENT, signal.session());
      var session =
          sessions.computeIfAbsent(key, k -> new Session(k, assembler(k, Optional.empty())));
      session.assembler.accept(event, signal);
      look(session, Circumstances.ORDINARY);
    }
  }

  private TurnAssembler<ClaudeSignal> assembler(SessionKey key, Optional<Memory> memory) {
    return agent.assembler(
        new SessionRef(
            key,
            memory,
            exported::contains,
            (turn, number, prompt) -> TraceSeed.of(AGENT, turn),
            reason -> counters.merge(reason, 1, Integer::sum)));
  }

  void look(Circumstances now) throws IOException {
    for (Session session : sessions.values()) {
      look(session, now);
    }
  }

  TurnAssembler<ClaudeSignal> only() {
    return sessions.values().iterator().next().assembler;
  }

  void restart() {
    for (Session session : sessions.values()) {
      restart(session);
    }
  }

  private void restart(Session session) {
    session.memory = Optional.of(session.assembler.memory());
    session.assembler = assembler(session.key, session.memory);
    session.offsets.clear();
  }

  private void look(Session session, Circumstances now) throws IOException {
    boolean more = true;
    while (more) {
      more = read(session);
      for (Optional<Finished> next = session.assembler.poll(now);
          next.isPresent();
          next = session.assembler.poll(now)) {
        more = true;
        if (next.get() instanceof Finished.ClosedTurn turn) {
          exported.add(turn.key());
        }
        done.add(new Done(session.key.session(), next.get()));
        if (restartAlways) {
          session.memory = Optional.of(next.get().memory());
          session.assembler = assembler(session.key, session.memory);
          session.offsets.clear();
          read(session);
        }
      }
    }
    if (restartAlways) {
      restart(session);
      read(session);
    }
  }

  private boolean read(Session session) throws IOException {
    boolean any = false;
    boolean changed = true;
    while (changed) {
      changed = false;
      List<FollowedFile> files = session.assembler.files();
      session.offsets.keySet().retainAll(files.stream().map(FollowedFile::path).toList());
      for (FollowedFile file : files) {
        if (Files.exists(file.path())) {
          changed |= read(session, file);
        }
      }
      any |= changed;
    }
    return any;
  }

  private boolean read(Session session, FollowedFile file) throws IOException {
    byte[] bytes = Files.readAllBytes(file.path());
    long from = session.offsets.getOrDefault(file.path(), file.from());
    if (from > bytes.length) {
      session.assembler.restarted(file.path());
      from = 0;
    }
    int start = (int) from;
    for (int i = start; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        session.assembler.accept(
            file.path(), new Line.Row(start, i + 1, java.util.Arrays.copyOfRange(bytes, start, i)));
        start = i + 1;
      }
    }
    session.offsets.put(file.path(), (long) start);
    return start > from;
  }
}
