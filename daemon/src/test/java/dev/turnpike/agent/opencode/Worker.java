package dev.turnpike.agent.opencode;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import dev.turnpike.testing.NoInstaller;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A small session worker for tests: one assembler per session, which after a restart is told what
 * its memory needs, as the real one is.
 */
final class Worker {
  static final Circumstances IMPATIENT = new Circumstances(true, false, false, false);
  static final Circumstances PATIENT = new Circumstances(true, false, false, true);
  static final Circumstances GONE = new Circumstances(true, true, false, true);

  record Done(SessionKey session, Finished finished) {}

  private static final class Session {
    TurnAssembler<OpenCodeSignal> assembler;
    final Map<EventId, Event> pending = new LinkedHashMap<>();

    Session(TurnAssembler<OpenCodeSignal> assembler) {
      this.assembler = assembler;
    }
  }

  private final OpenCode agent = new OpenCode(new NoInstaller());
  private final Map<SessionKey, Session> sessions = new LinkedHashMap<>();
  private final Set<TurnKey> exported = new HashSet<>();
  final List<Done> done = new ArrayList<>();
  final Map<String, Integer> counters = new TreeMap<>();
  private int events;

  /** Tells a batch and looks whether anything is finished. */
  void deliver(String body) {
    Event event = event(body);
    if (!(agent.interpret(event)
        instanceof Interpretation.Understood<OpenCodeSignal>(var signal))) {
      throw new AssertionError("not understood: " + body);
    }
    var key = new SessionKey(OpenCode.ID, signal.session());
    Session session =
        sessions.computeIfAbsent(key, k -> new Session(assembler(k, Optional.empty())));
    session.pending.put(event.id(), event);
    session.assembler.accept(event, signal);
    look(IMPATIENT);
  }

  Interpretation<OpenCodeSignal> interpret(String body) {
    return agent.interpret(event(body));
  }

  void look(Circumstances now) {
    sessions.forEach(
        (key, session) -> {
          for (var next = session.assembler.poll(now);
              next.isPresent();
              next = session.assembler.poll(now)) {
            if (next.get() instanceof Finished.ClosedTurn turn) {
              exported.add(turn.key());
            }
            done.add(new Done(key, next.get()));
            session.pending.keySet().retainAll(next.get().memory().needed());
          }
        });
  }

  /** The daemon dies after a step that took everything that is not needed. */
  void restart() {
    sessions.forEach(
        (key, session) -> {
          Memory memory = session.assembler.memory();
          if (!session.pending.keySet().containsAll(memory.needed())) {
            throw new AssertionError("needs events that were consumed");
          }
          session.pending.keySet().retainAll(memory.needed());
          session.assembler = assembler(key, Optional.of(memory));
          session.pending.values().forEach(event -> tell(session, event));
        });
  }

  boolean open() {
    return sessions.values().stream().anyMatch(session -> session.assembler.open());
  }

  boolean awaits() {
    return sessions.values().stream().anyMatch(session -> session.assembler.awaitingRows());
  }

  /** How many events a restart would tell again. */
  int needed() {
    return sessions.values().stream().mapToInt(s -> s.assembler.memory().needed().size()).sum();
  }

  private void tell(Session session, Event event) {
    if (agent.interpret(event) instanceof Interpretation.Understood<OpenCodeSignal>(var signal)) {
      session.assembler.accept(event, signal);
    }
  }

  private TurnAssembler<OpenCodeSignal> assembler(SessionKey key, Optional<Memory> memory) {
    return agent.assembler(
        new SessionRef(
            key,
            memory,
            exported::contains,
            (turn, number, prompt) -> TraceSeed.of(OpenCode.ID, turn),
            reason -> counters.merge(reason, 1, Integer::sum)));
  }

  private Event event(String body) {
    return new Event(
        new EventId("e" + events++),
        OpenCode.ID,
        Instant.EPOCH,
        new Caller("/home/dev/shop", 4711, "test", null, Map.of(), false),
        DestinationId.LOCAL,
        new EventBody.Inline(body.getBytes(StandardCharsets.UTF_8)));
  }
}
