package dev.turnpike.genai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
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
import dev.turnpike.otlp.SpanEnvelope;
import dev.turnpike.otlp.Undecodable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
import java.util.function.Consumer;
import java.util.function.Predicate;
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
  private final AgentId agent;
  private final Predicate<TurnKey> exported;
  private final Consumer<String> counters;
  private final LinkedHashMap<TraceId, Open> open = new LinkedHashMap<>();
  private final LinkedHashMap<TraceId, Told> told = new LinkedHashMap<>();
  private final LinkedHashSet<String> past = new LinkedHashSet<>();
  private boolean waiting;

  /**
   * @param exported which turns went out before
   * @param counters told of what is dropped or odd, by reason: {@code span.again}
   */
  public SpanTurns(
      Dialect dialect, AgentId agent, Predicate<TurnKey> exported, Consumer<String> counters) {
    this.dialect = dialect;
    this.agent = agent;
    this.exported = exported;
    this.counters = counters;
  }

  /**
   * @param event with spans as the receiver writes them ({@link SpanEnvelope}); counted if it has
   *     none
   */
  public void accept(Event event) {
    try (InputStream body = event.body().open()) {
      for (SpanBatch batch : SpanEnvelope.read(body)) {
        for (Span span : batch.spans()) {
          accept(event.id(), batch.source(), span);
        }
      }
    } catch (Undecodable e) {
      counters.accept("event.malformed.spans");
    } catch (IOException e) {
      throw new UncheckedIOException("the spans of an event cannot be read", e);
    }
  }

  private void accept(EventId event, Source source, Span span) {
    Told before = told.get(span.trace());
    if (before != null && before.spans().contains(span.id())) {
      counters.accept("span.again");
      return;
    }
    if (past.contains(span.trace().hex())) {
      counters.accept("span.after-turn");
      return;
    }
    Open trace = open.computeIfAbsent(span.trace(), same -> new Open());
    if (trace.spans.size() >= LIMIT_SPANS) {
      counters.accept("span.too-many");
    } else if (trace.spans.putIfAbsent(span.id(), span) == null) {
      trace.events.add(event);
    } else {
      counters.accept("span.again");
    }
    if (span.parent() == null || trace.source.service().isEmpty()) {
      trace.source = source;
    }
    if (open.size() > LIMIT_OPEN) {
      counters.accept("trace.too-many");
      past(open.pollFirstEntry().getKey());
    }
  }

  /**
   * The next trace that is final, in the order of their beginnings.
   *
   * @param patient a turn whose own span is there was given its few seconds: what is missing of it
   *     may never come
   * @param left whoever sends the spans is gone or silent: a turn's own span may never come either
   */
  public Optional<Ready> poll(boolean patient, boolean left) {
    waiting = false;
    var order = new ArrayList<>(open.entrySet());
    order.sort(Comparator.comparing(entry -> entry.getValue().began()));
    for (Map.Entry<TraceId, Open> trace : order) {
      Optional<Ready> ready = ready(trace.getKey(), trace.getValue(), patient, left);
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

  private Optional<Ready> ready(TraceId id, Open trace, boolean patient, boolean left) {
    Told before = told.get(id);
    if (before != null) {
      return Optional.of(late(id, trace, before));
    }
    List<Span> orphans = trace.orphans();
    Optional<Span> root =
        trace.spans.values().stream()
            .filter(span -> span.parent() == null && dialect.opensTurn(span, trace.spans.values()))
            .min(SpanTurn.BY_START);
    if (root.isPresent()) {
      if (orphans.isEmpty() || patient || left) {
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
          TraceSeed.of(agent, dialect.key(own, List.of(own))).span(SpanKind.TURN, own.id().hex()),
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
    if (exported.test(key)) {
      past(id);
      return new Ready.Nothing("exported-before");
    }
    var known = new LinkedHashSet<SpanId>();
    known.add(root);
    known.addAll(trace.spans.keySet());
    var maker = new SpanTurn(dialect, agent.value(), root, known);
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
    var maker = new SpanTurn(dialect, agent.value(), before.root(), before.spans());
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
