package dev.turnpike.genai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.model.EventId;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.SpanKind;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanBatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Regroups the spans of a session into turns, one trace each. A turn is over when its own span is
 * there, which ends last, and every span that others name as their parent; what is still missing
 * after a few seconds may never come. Spans that come after their turn went out are further parts
 * of it. The same span twice is once.
 */
public final class SpanTurns {
  private static final int LIMIT_OPEN = 64;
  private static final int LIMIT_SPANS = 20_000;
  private static final int LIMIT_TOLD = 3;
  private static final int LIMIT_TOLD_SPANS = 100;
  private static final int LIMIT_PAST = 64;

  /** What {@link #poll} found. */
  public sealed interface Ready {
    /**
     * @param root the turn's own span; null: it never came
     */
    record Turn(
        TurnKey key,
        TraceId trace,
        List<Observation> observations,
        @Nullable Span root,
        Source source)
        implements Ready {}

    record Late(TraceId trace, List<Observation> observations, boolean last) implements Ready {}

    record Nothing(String reason) implements Ready {}
  }

  /** A trace that is not told yet. */
  private static final class Open {
    final Map<SpanId, Span> spans = new LinkedHashMap<>();
    final Set<EventId> events = new LinkedHashSet<>();
    Source source = new Source(Map.of(), "", "");

    Instant began() {
      return spans.values().stream().map(Span::start).min(Comparator.naturalOrder()).orElseThrow();
    }

    /** By their beginnings: what is read of them must not depend on the order they came in. */
    List<Span> inOrder() {
      return spans.values().stream().sorted(SpanTurn.BY_START).toList();
    }

    /** Spans whose parent is not there. */
    List<Span> orphans() {
      return spans.values().stream()
          .filter(span -> span.parent() != null && !spans.containsKey(span.parent()))
          .toList();
    }
  }

  /** A trace that was told lately. */
  private record Told(SpanId root, Set<SpanId> spans) {}

  private final Dialect dialect;
  private final String agent;
  private final SessionRef ref;
  private final LinkedHashMap<TraceId, Open> open = new LinkedHashMap<>();
  private final LinkedHashMap<TraceId, Told> told = new LinkedHashMap<>();
  private final LinkedHashSet<String> past = new LinkedHashSet<>();
  private boolean waiting;

  public SpanTurns(Dialect dialect, SessionRef ref) {
    this.dialect = dialect;
    this.agent = ref.key().agent().value();
    this.ref = ref;
  }

  public void accept(EventId event, List<SpanBatch> batches) {
    for (SpanBatch batch : batches) {
      for (Span span : batch.spans()) {
        accept(event, batch.source(), span);
      }
    }
  }

  private void accept(EventId event, Source source, Span span) {
    Told before = told.get(span.trace());
    if (before != null && before.spans().contains(span.id())) {
      ref.counters().count("span.again");
      return;
    }
    if (past.contains(span.trace().hex())) {
      ref.counters().count("span.after-turn");
      return;
    }
    Open trace = open.computeIfAbsent(span.trace(), same -> new Open());
    if (trace.spans.size() >= LIMIT_SPANS) {
      ref.counters().count("span.too-many");
    } else if (trace.spans.putIfAbsent(span.id(), span) == null) {
      trace.events.add(event);
    } else {
      ref.counters().count("span.again");
    }
    if (span.parent() == null || trace.source.service().isEmpty()) {
      trace.source = source;
    }
    if (open.size() > LIMIT_OPEN) {
      ref.counters().count("trace.too-many");
      past(open.pollFirstEntry().getKey());
    }
  }

  /** The next trace that is final, in the order of their beginnings. */
  public Optional<Ready> poll(Circumstances now) {
    waiting = false;
    var order = new ArrayList<>(open.entrySet());
    order.sort(Comparator.comparing(entry -> entry.getValue().began()));
    for (Map.Entry<TraceId, Open> trace : order) {
      Optional<Ready> ready = ready(trace.getKey(), trace.getValue(), now);
      if (ready.isPresent()) {
        return ready;
      }
    }
    if (told.size() > LIMIT_TOLD) {
      TraceId oldest = told.pollFirstEntry().getKey();
      past(oldest);
      return Optional.of(new Ready.Late(oldest, List.of(), true));
    }
    return Optional.empty();
  }

  private Optional<Ready> ready(TraceId id, Open trace, Circumstances now) {
    Told before = told.get(id);
    if (before != null) {
      return Optional.of(late(id, trace, before));
    }
    boolean left = now.agentGone() || now.idle();
    List<Span> orphans = trace.orphans();
    Optional<Span> root =
        trace.spans.values().stream()
            .filter(span -> span.parent() == null && dialect.opensTurn(span, trace.spans.values()))
            .min(SpanTurn.BY_START);
    if (root.isPresent()) {
      if (orphans.isEmpty() || now.patient() || left) {
        return Optional.of(turn(id, trace, root.get()));
      }
      waiting = true;
      return Optional.empty();
    }
    if (!orphans.isEmpty() && !left) {
      return Optional.empty();
    }
    // the turn's own span, which never came, is the parent of the first that did
    Optional<SpanId> missing =
        orphans.stream()
            .filter(span -> Role.of(span) == Role.MODEL_CALL || Role.of(span) == Role.TOOL)
            .min(SpanTurn.BY_START)
            .flatMap(span -> Optional.ofNullable(span.parent()));
    if (missing.isEmpty()) {
      open.remove(id);
      return Optional.of(new Ready.Nothing("no-turn"));
    }
    return Optional.of(told(id, trace, missing.get(), null, null));
  }

  private Ready turn(TraceId id, Open trace, Span own) {
    Role role = Role.of(own);
    if (role == Role.MODEL_CALL || role == Role.TOOL) {
      // an emitter without a span for the turn: its one call is below a root of our making
      return told(
          id,
          trace,
          TraceSeed.of(ref.key().agent(), dialect.key(own, List.of(own)))
              .span(SpanKind.TURN, own.id().hex()),
          own,
          own);
    }
    return told(id, trace, own.id(), own, null);
  }

  /**
   * @param own the span without a parent, if it came
   * @param lone the same, if it is no turn itself
   */
  private Ready told(TraceId id, Open trace, SpanId root, @Nullable Span own, @Nullable Span lone) {
    List<Span> spans = trace.inOrder();
    TurnKey key = dialect.key(own == null ? spans.getFirst() : own, spans);
    open.remove(id);
    if (ref.exported().contains(key)) {
      past(id);
      return new Ready.Nothing("exported-before");
    }
    var known = new LinkedHashSet<SpanId>();
    known.add(root);
    known.addAll(trace.spans.keySet());
    var maker = new SpanTurn(dialect, agent, root, known);
    var observations = new ArrayList<>(maker.observations(spans));
    if (lone != null) {
      observations.addFirst(maker.turnAround(lone, spans));
    } else if (own == null) {
      observations.addFirst(maker.unfinishedTurn(spans));
    }
    told.put(id, new Told(root, known));
    return new Ready.Turn(key, id, observations, own, trace.source);
  }

  private Ready late(TraceId id, Open trace, Told before) {
    open.remove(id);
    before.spans().addAll(trace.spans.keySet());
    var maker = new SpanTurn(dialect, agent, before.root(), before.spans());
    return new Ready.Late(id, maker.observations(trace.inOrder()), false);
  }

  private void past(TraceId id) {
    past.add(id.hex());
    if (past.size() > LIMIT_PAST) {
      past.removeFirst();
    }
  }

  /** A turn's own span is there and something is missing yet. */
  public boolean waiting() {
    return waiting;
  }

  public boolean open() {
    return !open.isEmpty();
  }

  /** Events whose spans are not told yet. */
  public Set<EventId> needed() {
    var needed = new HashSet<EventId>();
    open.values().forEach(trace -> needed.addAll(trace.events));
    return needed;
  }

  /** What the events of open traces do not tell. */
  public void write(ObjectNode carry) {
    ObjectNode traces = carry.putObject("told");
    told.forEach(
        (id, before) -> {
          ArrayNode spans = traces.putArray(id.hex());
          before.spans().stream().limit(LIMIT_TOLD_SPANS).forEach(span -> spans.add(span.hex()));
        });
    ArrayNode ids = carry.putArray("past");
    past.forEach(ids::add);
  }

  public void read(JsonNode carry) {
    carry
        .path("told")
        .properties()
        .forEach(
            entry -> {
              var spans = new LinkedHashSet<SpanId>();
              entry.getValue().forEach(span -> spans.add(new SpanId(span.asText())));
              if (!spans.isEmpty()) {
                told.put(new TraceId(entry.getKey()), new Told(spans.getFirst(), spans));
              }
            });
    carry.path("past").forEach(id -> past.add(id.asText()));
  }
}
