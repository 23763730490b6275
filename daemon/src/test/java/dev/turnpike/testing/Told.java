package dev.turnpike.testing;

import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.agent.Finished.LaterPart;
import dev.turnpike.agent.Finished.Skipped;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TurnKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What assemblers gave out, in order. What no exporter could make good fails at once: a turn or a
 * span told twice, a part of a trace that nothing was to come of any more.
 */
public final class Told {
  /** One thing that was finished, and whose. */
  public record Piece(SessionKey session, Finished finished) {}

  /** A turn, with the observations of its later parts. */
  public record Trace(SessionKey session, ClosedTurn turn, List<Observation> observations) {
    public TraceId id() {
      return turn.trace();
    }

    public TurnKey key() {
      return turn.key();
    }

    public Observation root() {
      return observations.stream()
          .filter(o -> o.frame().parent() == null)
          .findFirst()
          .orElseThrow();
    }

    /** In the order of their starts. */
    public List<Observation> below(SpanId parent) {
      return observations.stream()
          .filter(o -> parent.equals(o.frame().parent()))
          .sorted(Comparator.comparing(o -> o.frame().start()))
          .toList();
    }

    public <T extends Observation> List<T> all(Class<T> kind) {
      return of(kind, observations);
    }
  }

  private final List<Piece> pieces = new ArrayList<>();
  private final Map<TraceId, Trace> traces = new LinkedHashMap<>();
  private final Set<TraceId> expectingMore = new HashSet<>();

  void add(SessionKey session, Finished finished) {
    pieces.add(new Piece(session, finished));
    switch (finished) {
      case ClosedTurn turn -> {
        var trace = new Trace(session, turn, new ArrayList<>());
        if (traces.put(turn.trace(), trace) != null) {
          throw new AssertionError("told twice: " + turn.key());
        }
        if (turn.laterParts()) {
          expectingMore.add(turn.trace());
        }
        add(trace, turn.observations());
      }
      case LaterPart part -> {
        if (!expectingMore.contains(part.trace())) {
          throw new AssertionError("nothing was to come of that trace any more: " + part);
        }
        if (part.last()) {
          expectingMore.remove(part.trace());
        }
        add(traces.get(part.trace()), part.observations());
      }
      case Skipped _ -> {}
    }
  }

  private static void add(Trace trace, List<Observation> observations) {
    for (Observation added : observations) {
      SpanId id = added.frame().id();
      if (trace.observations().stream().anyMatch(o -> o.frame().id().equals(id))) {
        throw new AssertionError("span told twice: " + added.frame());
      }
      trace.observations().add(added);
    }
  }

  public List<Piece> pieces() {
    return List.copyOf(pieces);
  }

  /**
   * In the order their turns were closed. Each has one root, and whatever else is below another.
   */
  public List<Trace> traces() {
    traces.values().forEach(Told::whole);
    return List.copyOf(traces.values());
  }

  private static void whole(Trace trace) {
    var ids = trace.observations().stream().map(o -> o.frame().id()).collect(Collectors.toSet());
    long roots = 0;
    for (Observation o : trace.observations()) {
      SpanId parent = o.frame().parent();
      if (parent == null) {
        roots++;
      } else if (!ids.contains(parent)) {
        throw new AssertionError("no parent for " + o.frame());
      }
    }
    if (roots != 1) {
      throw new AssertionError(roots + " roots: " + trace);
    }
  }

  /** What went out, a line each: {@code turn KEY}, {@code part of KEY}, with {@code , the last}. */
  public List<String> log() {
    var log = new ArrayList<String>();
    for (Piece piece : pieces) {
      switch (piece.finished()) {
        case ClosedTurn turn -> log.add("turn " + turn.key());
        case LaterPart part ->
            log.add(
                "part of " + traces.get(part.trace()).key() + (part.last() ? ", the last" : ""));
        case Skipped _ -> {}
      }
    }
    return log;
  }

  /** Every observation as text, in an order of its own: equal for what tells the same. */
  public static String canonical(List<Trace> traces) {
    return traces.stream()
        .flatMap(t -> t.observations().stream().map(o -> t.session() + " " + t.id() + " " + o))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  public static <T extends Observation> List<T> of(Class<T> kind, List<Observation> observations) {
    return observations.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
