package dev.turnpike.agent.pi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.agent.Finished.LaterPart;
import dev.turnpike.agent.Finished.Skipped;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.agent.TurnFacts;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.platform.IsoTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes turns of one session of Pi and of the sub-agents it launched. Content comes from the
 * session file where there is one; of what is told, times, ends and aborts are used, and where
 * there is no file everything.
 */
final class PiAssembler implements TurnAssembler<PiSignal> {
  /** Requests held for open turns; beyond it the oldest are lost if the daemon is restarted. */
  private static final int LIMIT_NEEDED = 4000;

  /** The same where a file has the content: only times would be lost. */
  private static final int LIMIT_NEEDED_TIMES = 1000;

  private final SessionRef ref;
  private final Carry carry;
  private final ItemParser items;
  private final Stream main;
  private final Map<String, Stream> launched = new LinkedHashMap<>();
  private final Family family = new Family(launched, this::free);

  /** Where the first row begins that is not accounted for if no row waits. */
  private long read;

  /** Rows of turns were passed over that lie before the first event. */
  private boolean history;

  private boolean awaitingSpool;

  PiAssembler(SessionRef ref) {
    this.ref = ref;
    this.carry = ref.memory().map(memory -> Carry.read(memory.carry())).orElseGet(Carry::new);
    this.items = new ItemParser(ref.counters()::count);
    this.main = new Stream(ref.key().session().value(), null);
    Path file = carry.file;
    this.read =
        file == null
            ? 0
            : ref.memory()
                .map(memory -> memory.positions().get(file))
                .map(Memory.Position::offset)
                .orElse(0L);
  }

  // ---- what is told

  @Override
  public void accept(Event event, PiSignal signal) {
    JsonNode records;
    try {
      records = SignalParser.records(event);
    } catch (JsonProcessingException e) {
      ref.counters().count("event.malformed.records");
      return;
    } catch (IOException e) {
      throw new UncheckedIOException("an event's body cannot be read", e);
    }
    Stream stream = stream(signal);
    if (!signal.launched()) {
      know(signal, records);
    }
    if (signal.turn() == 0) {
      for (JsonNode record : records) {
        if (record.path("k").asText().equals("end")) {
          stream.ended(record.path("t").asLong());
          stream.between.add(event.id());
        }
      }
      return;
    }
    if (carry.told.contains(signal.own() + ":" + signal.turn())) {
      return;
    }
    Heard heard = stream.heard(signal.turn());
    heard.request(signal.number(), event.id());
    int place = 0;
    for (JsonNode record : records) {
      if (record.path("k").asText().equals("end")) {
        stream.ended(record.path("t").asLong());
      }
      heard.record(record, signal.number(), place++, items);
    }
  }

  private Stream stream(PiSignal signal) {
    return signal.launched()
        ? launched.computeIfAbsent(signal.own(), own -> new Stream(own, signal.chain().getLast()))
        : main;
  }

  private void know(PiSignal signal, JsonNode records) {
    long at = signal.turn() != 0 ? signal.turn() : records.path(0).path("t").asLong();
    if (at > 0 && ref.memory().isEmpty() && (carry.since == 0 || at < carry.since)) {
      carry.since = at;
    }
    if (signal.file() != null && !signal.file().equals(carry.file)) {
      carry.file = signal.file();
      read = 0;
      main.forgetRows();
    }
    var facts = signal.facts();
    carry.version = facts.version() == null ? carry.version : facts.version();
    carry.mode = facts.mode() == null ? carry.mode : facts.mode();
    carry.cwd = facts.cwd() == null ? carry.cwd : facts.cwd();
  }

  // ---- what is read

  @Override
  public List<FollowedFile> files() {
    return carry.file == null
        ? List.of()
        : List.of(new FollowedFile(carry.file, accounted(), true));
  }

  private long accounted() {
    return main.firstRow().orElse(read);
  }

  @Override
  public void accept(Path file, Line line) {
    if (!file.equals(carry.file)) {
      return;
    }
    if (line instanceof Line.Row row) {
      row(row);
    }
    read = line.end();
  }

  private void row(Line.Row row) {
    JsonNode entry;
    Instant at;
    try {
      entry = AgentJson.MAPPER.readTree(row.bytes(), row.from(), row.length());
      at = IsoTime.parse(entry.path("timestamp").asText());
    } catch (IOException | DateTimeException e) {
      ref.counters().count("line.unreadable");
      return;
    }
    if (entry.path("type").asText().equals("session")) {
      carry.born = at;
      return;
    }
    if (at.isBefore(carry.born)) {
      ref.counters().count("line.copied"); // of the session this one was forked from
      return;
    }
    if (at.toEpochMilli() < carry.since) {
      ref.counters().count("line.history");
      history |= items.entry(entry, at).isPresent();
      return;
    }
    main.saw(entry.path("id").asText());
    items.entry(entry, at).ifPresent(item -> main.add(new Stream.Row(item, row.start())));
  }

  @Override
  public void restarted(Path file) {
    if (file.equals(carry.file)) {
      read = 0;
      main.forgetRows();
    }
  }

  // ---- what is finished

  @Override
  public Optional<Finished> poll(Circumstances now) {
    awaitingSpool = false;
    if (history && now.caughtUp()) {
      history = false;
      return Optional.of(Skipped.history(memory()));
    }
    Optional<Finished> later = laterPart(now);
    if (later.isPresent()) {
      return later;
    }
    List<Segment> turns = main.segments();
    if (turns.isEmpty()) {
      return orphan(now);
    }
    Segment turn = turns.getFirst();
    if (carry.told.contains(turn.key().value()) || ref.exported().contains(turn.key())) {
      main.take(turn);
      carry.tell(turn);
      return Optional.of(new Skipped("already_told", memory()));
    }
    if (!closed(turn, turns.subList(1, turns.size()), now)) {
      return Optional.empty();
    }
    return Optional.of(close(main, turn, now));
  }

  /** Rows of a later turn are proof, unless it may yet be said that they belong to this one. */
  private static boolean follows(Segment turn, Segment next) {
    return next.rows() > 0 && (next.heard() != null || turn.settled() || turn.heard() == null);
  }

  private boolean closed(Segment turn, List<Segment> after, Circumstances now) {
    if (turn.alone()) {
      return now.caughtUp();
    }
    boolean over = now.agentGone() || now.idle();
    Heard heard = turn.heard();
    boolean whole = heard != null && heard.whole();
    if (!mayClose(turn, after, now, over)) {
      return false;
    }
    // what was pushed when nobody listened says when its tools began
    awaitingSpool = !whole && !over && !now.heard();
    return !awaitingSpool;
  }

  private boolean mayClose(Segment turn, List<Segment> after, Circumstances now, boolean over) {
    boolean rowsFollow = after.stream().anyMatch(next -> follows(turn, next));
    // what a session without a file said later says nothing of what lies in the spool
    boolean pushed = carry.file == null;
    Heard heard = turn.heard();
    if (rowsFollow || !now.caughtUp()) {
      return rowsFollow;
    }
    if (heard != null && heard.settled()) {
      boolean rows = pushed || heard.leaf().map(main::hasSeen).orElse(true);
      boolean children = family.launchedBy(turn).stream().allMatch(family::over);
      if (heard.whole() && rows && children) {
        return true;
      }
      boolean gap = pushed && !heard.whole();
      return gap ? now.idle() : (now.patient() || over);
    }
    boolean told = after.stream().anyMatch(next -> next.heard() != null);
    boolean ended = told || main.endedAfter(turn.turn());
    return over || (ended && now.patient());
  }

  private Finished close(Stream stream, Segment turn, Circumstances now) {
    carry.turns++;
    Optional<String> prompt =
        turn.alone() || stream != main ? Optional.empty() : Optional.of(Long.toString(turn.turn()));
    TraceSeed seed = ref.seeds().seed(turn.key(), carry.turns, prompt);
    // whoever launched them was cut off, and so were they
    boolean cut = !turn.settled() && !turn.followed();
    var spans = new Spans(seed, family, cut || now.agentGone() || now.idle());
    spans.turn(turn);
    stream.take(turn);
    carry.tell(turn);
    told(spans);
    var facts =
        new TurnFacts(
            carry.turns,
            prompt,
            Optional.ofNullable(carry.version),
            Optional.ofNullable(carry.cwd),
            Optional.empty(),
            List.of(),
            carry.mode == null ? Map.of() : Map.of("mode", carry.mode));
    return new ClosedTurn(
        turn.key(), seed.traceId(), spans.all(), facts, !spans.pending().isEmpty(), memory());
  }

  private void told(Spans spans) {
    for (Segment child : spans.told()) {
      Stream stream = launched.get(child.session());
      if (stream != null) {
        stream.take(child);
        carry.tell(child);
      }
    }
    carry.pending.addAll(spans.pending());
    launched.values().removeIf(stream -> stream.heard.isEmpty() && stream.endedAfter(1));
  }

  private boolean free(Segment child) {
    return carry.pending.stream()
        .noneMatch(p -> p.session().equals(child.session()) && p.turn() == child.turn());
  }

  /** Sub-agents that worked on after their turn had gone out. */
  private Optional<Finished> laterPart(Circumstances now) {
    for (Pending each : carry.pending) {
      Stream stream = launched.get(each.session());
      Optional<Segment> child =
          stream == null
              ? Optional.empty()
              : stream.segments().stream().filter(s -> s.turn() == each.turn()).findFirst();
      boolean over = now.agentGone() || now.idle();
      if (child.isPresent() ? !family.over(child.get()) && !over : !over) {
        continue;
      }
      carry.pending.remove(each);
      var spans = new Spans(each.seed(), family, over);
      child.ifPresent(segment -> spans.subAgent(segment, each.parent(), each.type()));
      told(spans);
      boolean last = carry.pending.stream().noneMatch(p -> p.seed().equals(each.seed()));
      return Optional.of(new LaterPart(each.seed().traceId(), spans.all(), last, memory()));
    }
    return Optional.empty();
  }

  /** A sub-agent whose launcher's turn is not known: a trace of its own rather than none. */
  private Optional<Finished> orphan(Circumstances now) {
    for (Segment child : family.turns()) {
      Stream stream = launched.get(child.session());
      boolean done = (family.over(child) && now.patient()) || now.idle();
      if (stream != null && done && now.caughtUp()) {
        return Optional.of(close(stream, child, now));
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean awaitingRows() {
    List<Segment> turns = main.segments();
    return turns.isEmpty()
        ? !family.turns().isEmpty()
        : turns.size() > 1
            || turns.getFirst().settled()
            || main.endedAfter(turns.getFirst().turn());
  }

  @Override
  public boolean awaitingSpool() {
    return awaitingSpool;
  }

  @Override
  public boolean open() {
    return !main.segments().isEmpty() || !carry.pending.isEmpty() || !family.turns().isEmpty();
  }

  @Override
  public Memory memory() {
    Map<Path, Memory.Position> positions =
        carry.file == null ? Map.of() : Map.of(carry.file, new Memory.Position(accounted(), ""));
    return new Memory(positions, carry.text(), needed());
  }

  private Set<EventId> needed() {
    var needed = new LinkedHashSet<EventId>();
    need(main, needed);
    Set<EventId> held = newest(needed, carry.file == null ? LIMIT_NEEDED : LIMIT_NEEDED_TIMES);
    var children = new LinkedHashSet<EventId>();
    launched.values().forEach(stream -> need(stream, children));
    var all = new LinkedHashSet<EventId>(held);
    all.addAll(newest(children, LIMIT_NEEDED));
    return all;
  }

  private Set<EventId> newest(Set<EventId> events, int limit) {
    if (events.size() <= limit) {
      return events;
    }
    ref.counters().count("event.not_held");
    return Set.copyOf(List.copyOf(events).subList(events.size() - limit, events.size()));
  }

  private static void need(Stream stream, Collection<EventId> needed) {
    if (!stream.heard.isEmpty()) {
      stream.heard.values().forEach(heard -> needed.addAll(heard.events));
      needed.addAll(stream.between);
    }
  }
}
