package dev.turnpike.agent.gemini;

import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.Finished.ClosedTurn;
import dev.turnpike.agent.Finished.LaterPart;
import dev.turnpike.agent.Finished.Skipped;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.agent.TurnFacts;
import dev.turnpike.agent.gemini.Carry.Before;
import dev.turnpike.model.Event;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns of one session of Gemini CLI. The session file says what happened ({@link SessionFile}),
 * hooks that a turn or the session ended; both carry the agent's own clock, so that it never
 * matters when either was read.
 */
final class GeminiAssembler implements TurnAssembler<GeminiSignal> {
  private static final int LIMIT_AGENTS = 200;

  private final SessionRef ref;
  private final Carry carry;
  private final SessionFile main;
  private final OtherHooks others;
  private final Refusals refusals;
  private final Map<String, SubAgent> agents = new LinkedHashMap<>();
  private final Adrift adrift = new Adrift();

  /** When the latest event fired that named a file. */
  private Instant adopted = Instant.EPOCH;

  /** What a turn was asked that had gone out already when its rows came again, just now. */
  private Asked repeated = Asked.NOTHING;

  GeminiAssembler(SessionRef ref, OtherHooks others) {
    this.ref = ref;
    this.others = others;
    this.carry = ref.memory().map(memory -> Carry.read(memory.carry())).orElseGet(Carry::new);
    Path file = carry.file;
    long read =
        file == null
            ? 0
            : ref.memory()
                .map(memory -> memory.positions().get(file))
                .map(Memory.Position::offset)
                .orElse(0L);
    this.main = new SessionFile(read, carry, ref.counters()::count);
    this.refusals = new Refusals(carry, main);
  }

  // ---- what is told

  @Override
  public void accept(Event event, GeminiSignal signal) {
    adopt(signal);
    carry.version = signal.version() == null ? carry.version : signal.version();
    carry.cwd = signal.cwd() == null ? carry.cwd : signal.cwd();
    Instant at = signal.at();
    switch (signal.moment()) {
      case SESSION_STARTED -> {
        carry.begin(at);
        askForOthers();
        carry.from(signal.begun() ? Instant.EPOCH : at);
      }
      case PROMPT_SUBMITTED -> {
        carry.submitted = Carry.later(carry.submitted, at);
        carry.from(at);
      }
      case TURN_ENDED -> {
        carry.ended(at, signal.asked());
        askForOthers();
        carry.spoken = Carry.earlier(carry.spoken, at);
      }
      case ACTIVITY -> carry.spoken = Carry.earlier(carry.spoken, at);
      case SESSION_ENDED -> {
        Carry.keep(carry.overs, at);
        carry.from(at);
      }
    }
  }

  private void askForOthers() {
    Path file = carry.file;
    carry.refusable = file != null && others.mayRefuse(file, carry.cwd);
  }

  /**
   * A session that is resumed in another minute than it began in first gets a new file, which
   * SessionStart names, and then goes on in its old one (0.61.0): the start is believed only as
   * long as nothing else was said.
   */
  private void adopt(GeminiSignal signal) {
    Path path = signal.transcript();
    Path known = carry.file;
    boolean first = known == null;
    if (path == null || path.equals(known)) {
      return;
    }
    boolean start = signal.moment() == Moment.SESSION_STARTED;
    if (first || (!start && !signal.at().isBefore(adopted))) {
      carry.file = path;
      if (!first) {
        main.restart();
        agents.clear();
      }
    }
    if (!start) {
      adopted = Carry.later(adopted, signal.at());
    }
  }

  // ---- what is read

  @Override
  public List<FollowedFile> files() {
    Path file = carry.file;
    if (file == null) {
      return List.of();
    }
    var followed = new ArrayList<FollowedFile>();
    followed.add(new FollowedFile(file, main.accounted(), true));
    adrift.look(folder(file), main.turns().stream().filter(this::unanswered).toList());
    for (String id : wanted()) {
      followed.add(new FollowedFile(fileOf(file, id), 0, true));
    }
    agents.keySet().retainAll(wanted());
    return followed;
  }

  /** The sub-agents of open turns, and those that these launched. */
  private Set<String> wanted() {
    var wanted = new LinkedHashSet<String>();
    for (OpenTurn turn : main.turns()) {
      launched(turn.work.launched(), wanted);
    }
    launched(List.copyOf(adrift.ids()), wanted);
    return wanted;
  }

  /** Nothing says how it went: it is at work, or was killed. */
  private boolean unanswered(OpenTurn turn) {
    return !turn.cancelled() && turn.error() == null && !turn.withdrawn() && !ended(turn);
  }

  private void launched(List<String> ids, Set<String> wanted) {
    for (String id : ids) {
      if (!id.matches("[A-Za-z0-9_-]{1,80}")) {
        ref.counters().count("subagent.odd_id");
      } else if (wanted.size() < LIMIT_AGENTS && wanted.add(id)) {
        SubAgent agent = agents.get(id);
        launched(agent == null ? List.of() : agent.launched(), wanted);
      }
    }
  }

  private Path fileOf(Path file, String agentId) {
    return folder(file).resolve(agentId + ".jsonl");
  }

  private Path folder(Path file) {
    return file.resolveSibling(ref.key().session().value().replaceAll("[^A-Za-z0-9_-]", "_"));
  }

  @Override
  public void accept(Path file, Line line) {
    boolean own = file.equals(carry.file);
    switch (line) {
      case Line.Oversized(long _, long end) -> {
        if (own) {
          main.skip(end);
        }
      }
      case Line.Row(long start, long end, byte[] bytes, int from, int to) -> {
        Row row = RowParser.parse(bytes, from, to);
        if (own) {
          main.accept(start, end, row);
        } else {
          agent(file).ifPresent(agent -> agent.accept(row));
        }
      }
    }
  }

  private Optional<SubAgent> agent(Path file) {
    Path main = carry.file;
    return main == null
        ? Optional.empty()
        : wanted().stream()
            .filter(id -> fileOf(main, id).equals(file))
            .findFirst()
            .map(id -> agents.computeIfAbsent(id, SubAgent::new));
  }

  @Override
  public void restarted(Path file) {
    if (file.equals(carry.file)) {
      main.restart();
    } else {
      agent(file).ifPresent(SubAgent::restart);
    }
  }

  // ---- what is finished

  @Override
  public Optional<Finished> poll(Circumstances now) {
    while (!main.turns().isEmpty()) {
      OpenTurn turn = main.turns().getFirst();
      Before before = carry.before;
      Before same = before != null && refusals.goesOn(turn, before.asked()) ? before : null;
      boolean repeat = repeat(turn);
      if (repeat || (same == null && history(turn) && (turn.closedByRows() || now.caughtUp()))) {
        main.take(turn);
        return Optional.of(
            repeat ? new Skipped("already_told", memory()) : Skipped.history(memory()));
      }
      Asked asked = same == null ? Asked.of(turn.prompt) : same.asked();
      List<OpenTurn> whole = refusals.whole(asked);
      OpenTurn last = whole.getLast();
      boolean waits = same == null && refusals.mayGoOn(last, left(last), now);
      if (waits || !closed(whole, now)) {
        return Optional.empty();
      }
      if (turn.prompt == null && turn.work.steps().isEmpty()) {
        main.take(turn);
      } else if (same != null) {
        return Optional.of(later(whole, same));
      } else if (before != null) {
        // nothing more of the one before
        carry.before = null;
        TraceSeed seed = seed(new TurnKey(before.key()), before.number());
        return Optional.of(new LaterPart(seed.traceId(), List.of(), true, memory()));
      } else {
        return Optional.of(close(whole, asked));
      }
    }
    if (now.caughtUp() && now.patient()) {
      // what was announced and is not there never will be
      carry.served =
          carry.ends.isEmpty() ? carry.served : Carry.later(carry.served, carry.ends.last());
    }
    return Optional.empty();
  }

  /** It went out before: the file was written anew. */
  private boolean repeat(OpenTurn turn) {
    if (ref.exported().contains(turn.key)) {
      repeated = Asked.of(turn.prompt);
      return true;
    }
    boolean part = refusals.goesOn(turn, repeated) && !turn.work.end().isAfter(carry.last);
    repeated = part ? repeated : Asked.NOTHING;
    return part;
  }

  /** Nothing that lies before the turn an event speaks of may go out. */
  private boolean history(OpenTurn turn) {
    Instant since = carry.since;
    if (since != null && !turn.start().isBefore(since)) {
      return false;
    }
    Instant spoken = carry.spoken;
    return spoken == null || turn.start().isAfter(spoken) || main.began(turn, spoken);
  }

  private boolean closed(List<OpenTurn> whole, Circumstances now) {
    OpenTurn turn = whole.getLast();
    boolean over = now.agentGone() || now.idle();
    List<String> launched = whole.stream().flatMap(part -> part.work.launched().stream()).toList();
    boolean agentsThere = launched.isEmpty() || (now.caughtUp() && SubAgent.read(launched, agents));
    boolean lenient = now.caughtUp() && (over || now.patient());
    boolean known = turn.settled() || ended(turn);
    if (turn.closedByRows()) {
      return (known && agentsThere) || lenient;
    }
    if (!now.caughtUp()) {
      return false;
    }
    boolean there = agentsThere && (turn.cleared() || (ended(turn) && turn.settled()));
    return there || over || (announced(turn) && lenient);
  }

  /** The agent said that this turn ended. */
  private boolean ended(OpenTurn turn) {
    return Carry.between(carry.ends, turn.start(), main.next(turn));
  }

  private boolean left(OpenTurn turn) {
    return Carry.between(carry.overs, turn.start(), main.next(turn));
  }

  /**
   * The agent said that this turn or the session ended; 0.61.0 says the latter on SIGINT as well.
   */
  private boolean announced(OpenTurn turn) {
    return ended(turn) || left(turn);
  }

  private Finished close(List<OpenTurn> whole, Asked asked) {
    carry.turns++;
    carry.prompted();
    TurnKey key = whole.getFirst().key;
    OpenTurn last = whole.getLast();
    TraceSeed seed = seed(key, carry.turns);
    var spans = new Spans(seed, key, agents);
    whole.forEach(turn -> agents(turn, spans));
    spans.turn(whole, Outcome.of(whole, ended(last), left(last)));
    boolean mayGoOn = refusals.mayComeLater(last, left(last));
    carry.before = mayGoOn ? new Before(key.value(), carry.turns, asked) : null;
    whole.forEach(main::take);
    var facts =
        new TurnFacts(
            carry.turns,
            Optional.empty(),
            Optional.ofNullable(carry.version),
            Optional.ofNullable(carry.cwd),
            Optional.empty(),
            List.of(),
            Map.of());
    return new ClosedTurn(key, seed.traceId(), spans.all(), facts, mayGoOn, memory());
  }

  /** The answer was refused after the turn had gone out: what followed belongs to it. */
  private Finished later(List<OpenTurn> whole, Before before) {
    var key = new TurnKey(before.key());
    TraceSeed seed = seed(key, before.number());
    var spans = new Spans(seed, key, agents);
    whole.forEach(turn -> agents(turn, spans));
    whole.forEach(spans::later);
    whole.forEach(main::take);
    return new LaterPart(seed.traceId(), spans.all(), false, memory());
  }

  private TraceSeed seed(TurnKey turn, int number) {
    return ref.seeds().seed(turn, number, Optional.empty());
  }

  private void agents(OpenTurn turn, Spans spans) {
    for (String id : turn.work.launched()) {
      if (!agents.containsKey(id)) {
        ref.counters().count("subagent.file_missing");
      }
    }
    if (unanswered(turn)) {
      adrift(turn).forEach(agent -> spans.adrift(turn, agent));
    }
  }

  /** Those that began within the turn and that no call is known of. */
  private List<SubAgent> adrift(OpenTurn turn) {
    var called = new LinkedHashSet<String>();
    launched(turn.work.launched(), called);
    agents.values().forEach(agent -> launched(agent.launched(), called));
    Instant next = main.next(turn);
    return adrift.ids().stream()
        .filter(id -> !called.contains(id))
        .flatMap(id -> Stream.ofNullable(agents.get(id)))
        .filter(agent -> agent.began(turn.start(), next))
        .toList();
  }

  @Override
  public boolean awaitingRows() {
    return (!carry.ends.isEmpty() && carry.ends.last().isAfter(carry.served))
        || main.turns().stream().anyMatch(turn -> turn.closedByRows() || announced(turn));
  }

  @Override
  public boolean open() {
    return !main.turns().isEmpty();
  }

  @Override
  public Memory memory() {
    @Nullable Path file = carry.file;
    Map<Path, Memory.Position> positions =
        file == null ? Map.of() : Map.of(file, new Memory.Position(main.accounted(), ""));
    return new Memory(positions, carry.text());
  }
}
