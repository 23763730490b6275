package dev.turnpike.agent.codex;

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
import dev.turnpike.agent.codex.Carry.Told;
import dev.turnpike.model.Event;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns of one session of Codex. The main thread's file says what happened; hooks only that it is
 * worth looking. Stop comes before the turn's last row, and other Stop hooks may make the same turn
 * go on: so only rows end a turn, or the end of the session.
 *
 * <p>A turn goes out when it has ended. What still runs then, sub-agents and commands in the
 * background, goes out when its own end is there; until then the turn's rows stay before the
 * position, to be read again after a restart.
 */
final class CodexAssembler implements TurnAssembler<CodexSignal> {
  /** While it is not known where to begin, older turns than these are history in any case. */
  private static final int LIMIT_UNDECIDED = 50;

  /** Turns that went out and still wait for something. */
  private static final int LIMIT_WAITING = 50;

  private final SessionRef ref;
  private final Carry carry;
  private final ThreadFile main;
  private final SubAgents agents;

  CodexAssembler(SessionRef ref) {
    this.ref = ref;
    this.carry = ref.memory().map(memory -> Carry.read(memory.carry())).orElseGet(Carry::new);
    Path file = carry.file;
    long read =
        file == null
            ? 0
            : ref.memory()
                .map(memory -> memory.positions().get(file))
                .map(Memory.Position::offset)
                .orElse(0L);
    this.main = new ThreadFile(ref.counters(), read, carry.main);
    this.agents = new SubAgents(ref, carry, main);
  }

  // ---- what is told

  @Override
  public void accept(Event event, CodexSignal signal) {
    adopt(signal);
    String turn = signal.turn();
    if (signal.moment() == Moment.SESSION_ENDED) {
      carry.over = signal.at();
    } else if (carry.over != null && signal.at().isAfter(carry.over)) {
      carry.over = null;
    }
    if (signal.begun() && carry.since == null) {
      carry.since = Instant.EPOCH;
    }
    if (turn == null) {
      return;
    }
    if (carry.since == null && signal.agent() == null) {
      Carry.keep(carry.heard, turn);
    }
    if (signal.moment() == Moment.TURN_ENDED) {
      if (signal.agent() != null) {
        agents.await(turn);
      } else if (!ref.exported().contains(new TurnKey(turn))) {
        Carry.keep(carry.awaited, turn);
      }
    }
  }

  /**
   * In SubagentStart the transcript is the sub-agent's, in SubagentStop the parent's: the thread's
   * id in the name tells.
   */
  private void adopt(CodexSignal signal) {
    String agent = signal.agent();
    Path path = signal.transcript();
    Path ended = signal.agentTranscript();
    String session = signal.session().value();
    if (agent != null && Rollouts.isThreadId(agent)) {
      for (Path named : new Path[] {path, ended}) {
        if (named != null && Rollouts.isOf(named, agent)) {
          carry.thread(agent, named);
        }
      }
    }
    boolean first = carry.file == null;
    if (path == null || path.equals(carry.file)) {
      return;
    }
    if (Rollouts.isOf(path, session) || (agent == null && first)) {
      carry.file = path;
      if (!first) {
        main.restart();
      }
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
    followed.add(new FollowedFile(file, main.position(), true));
    followed.addAll(agents.followed(file));
    return followed;
  }

  @Override
  public void accept(Path file, Line line) {
    ThreadFile thread = file.equals(carry.file) ? main : agents.of(file);
    if (thread == null) {
      return;
    }
    switch (line) {
      case Line.Oversized(long _, long end) -> {
        thread.skip(end);
      }
      case Line.Row row -> thread.accept(row);
    }
  }

  @Override
  public void restarted(Path file) {
    ThreadFile thread = file.equals(carry.file) ? main : agents.of(file);
    if (thread != null) {
      thread.restart();
    }
  }

  // ---- what is finished

  @Override
  public Optional<Finished> poll(Circumstances now) {
    agents.lookAgain();
    if (!decided(now)) {
      return Optional.empty();
    }
    boolean history = false;
    for (Turn turn : List.copyOf(main.turns)) {
      Told told = carry.told.get(turn.id);
      if (told != null) {
        // after a restart its rows come again first
        boolean there = turn.over() && now.caughtUp();
        Optional<Finished> part = there ? later(turn, told, now) : Optional.empty();
        if (part.isPresent()) {
          return part;
        }
        continue;
      }
      if (turn.start.isBefore(carry.since)) {
        forget(turn);
        history = true;
        continue;
      }
      if (history) {
        break;
      }
      if (ref.exported().contains(key(turn))) {
        forget(turn);
        if (carry.told.isEmpty()) {
          return Optional.of(new Skipped("already_told", memory()));
        }
        continue; // read again for the sake of one that waits
      }
      if (!turn.over() && !ended(turn, now)) {
        break;
      }
      if (turn.substantial()) {
        return Optional.of(close(turn, now));
      }
      forget(turn);
    }
    if (history) {
      return Optional.of(Skipped.history(memory()));
    }
    if (now.caughtUp() && now.patient()) {
      // what was announced and is not there never will be
      carry.awaited.clear();
      agents.awaitNone();
    }
    return Optional.empty();
  }

  /** Nothing that lies before the turn an event speaks of may go out. */
  private boolean decided(Circumstances now) {
    if (carry.since != null) {
      return true;
    }
    for (Turn turn : main.turns) {
      if (carry.heard.contains(turn.id)) {
        carry.since = turn.start;
        carry.heard.clear();
        return true;
      }
    }
    while (main.turns.size() > LIMIT_UNDECIDED) {
      main.turns.removeFirst();
    }
    if (now.idle() && now.caughtUp()) {
      main.turns.removeIf(Turn::over);
    }
    return false;
  }

  private TurnKey key(Turn turn) {
    return new TurnKey(turn.implicit() ? ref.key().session() + ":" + turn.id : turn.id);
  }

  private void forget(Turn turn) {
    main.turns.remove(turn);
    carry.told.remove(turn.id);
    carry.awaited.remove(turn.id);
    if (main.turns.isEmpty()) {
      carry.threads.clear();
    }
  }

  /** No row will say so any more. */
  private boolean ended(Turn turn, Circumstances now) {
    Instant over = carry.over;
    boolean left = over != null && !turn.start.isAfter(over) && now.patient();
    return now.caughtUp() && (now.agentGone() || now.idle() || left);
  }

  private Finished close(Turn turn, Circumstances now) {
    carry.turns++;
    var told = new Told(carry.turns);
    Spans spans = spans(turn, told, ended(turn, now));
    spans.turn(turn, true);
    carry.told.put(turn.id, told);
    if (!spans.waiting()) {
      forget(turn);
    }
    carry.awaited.remove(turn.id);
    return new ClosedTurn(
        key(turn),
        seed(turn, told).traceId(),
        spans.found(),
        facts(turn, told),
        spans.waiting(),
        memory());
  }

  private Optional<Finished> later(Turn turn, Told told, Circumstances now) {
    boolean crowded = carry.told.size() > LIMIT_WAITING;
    Spans spans = spans(turn, told, crowded || ended(turn, now));
    spans.turn(turn, false);
    if (spans.waiting() && spans.found().isEmpty()) {
      return Optional.empty();
    }
    if (!spans.waiting()) {
      forget(turn);
    }
    return Optional.of(
        new LaterPart(seed(turn, told).traceId(), spans.found(), !spans.waiting(), memory()));
  }

  private Spans spans(Turn turn, Told told, boolean all) {
    return new Spans(seed(turn, told), agents, told, all);
  }

  private TraceSeed seed(Turn turn, Told told) {
    return ref.seeds().seed(key(turn), told.number, prompt(turn));
  }

  private static Optional<String> prompt(Turn turn) {
    return turn.implicit() ? Optional.empty() : Optional.of(turn.id);
  }

  private TurnFacts facts(Turn turn, Told told) {
    var metadata = new LinkedHashMap<String, String>();
    for (String name : List.of("originator", "source", "model_provider")) {
      put(metadata, name, main.fact(name));
    }
    put(metadata, "forked_from", main.fact("forked_from_id"));
    String cwd = turn.cwd;
    return new TurnFacts(
        told.number,
        prompt(turn),
        Optional.ofNullable(main.fact("cli_version")),
        Optional.ofNullable(cwd == null ? main.fact("cwd") : cwd),
        Optional.ofNullable(main.fact("branch")),
        List.of(),
        metadata);
  }

  private static void put(Map<String, String> metadata, String name, @Nullable String value) {
    if (value != null) {
      metadata.put(name, value);
    }
  }

  // ---- how it stands

  @Override
  public boolean awaitingRows() {
    boolean left = carry.over != null && open();
    return left || !carry.awaited.isEmpty() || agents.awaiting();
  }

  @Override
  public boolean open() {
    return main.turns.stream().anyMatch(turn -> !turn.over() || carry.told.containsKey(turn.id));
  }

  @Override
  public Memory memory() {
    Path file = carry.file;
    main.write(carry.main);
    Map<Path, Memory.Position> positions =
        file == null ? Map.of() : Map.of(file, new Memory.Position(main.position(), ""));
    return new Memory(positions, carry.text());
  }
}
