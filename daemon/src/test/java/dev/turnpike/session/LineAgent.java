package dev.turnpike.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Finished;
import dev.turnpike.agent.FollowedFile;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.Memory;
import dev.turnpike.agent.SessionRef;
import dev.turnpike.agent.Signal;
import dev.turnpike.agent.TurnAssembler;
import dev.turnpike.agent.TurnFacts;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Content;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SpanKind;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The simplest agent: an event's body is {@code session;moment;prompt;file;process}, a row of its
 * file {@code turn <prompt>} (a whole turn), {@code open <prompt>} (one that goes on until the next
 * row, is idle or left by its process), {@code old <prompt>} (history, unless the start of the
 * session was told), or {@code bad}, on which its assembler fails. So does a prompt called bad.
 *
 * <p>An event without a file is content itself, which lies nowhere else: a turn is all such events
 * of a process until one that says the turn ended, or until another process has taken over and
 * nothing of the first one's is in the spool. An event of the session {@code of-line-2} is that
 * agent's.
 *
 * @param polled runs whenever an assembler is asked what is finished
 */
record LineAgent(AgentId id, Runnable polled) implements Agent<LineAgent.Told> {
  static final AgentId ID = new AgentId("line-agent");
  static final AgentId SECOND = new AgentId("line-2");

  /** A turn that is waited for as long as the worker likes to. */
  static final String NEVER_COMES = "never comes";

  record Told(
      SessionId session,
      Moment moment,
      Optional<String> prompt,
      Optional<Path> file,
      OptionalLong agentPid)
      implements Signal {}

  @Override
  public String displayName() {
    return "Line agent";
  }

  @Override
  public Interpretation<Told> interpret(Event event) {
    if (!(event.body() instanceof EventBody.Inline(var bytes))) {
      return new Interpretation.Malformed<>("event.malformed.spilled");
    }
    if (bytes.length == 0) {
      return new Interpretation.Malformed<>("event.malformed.empty");
    }
    String[] parts = new String(bytes, UTF_8).split(";", -1);
    if (parts[0].equals("of-line-2") && !id.equals(SECOND)) {
      return new Interpretation.Foreign<>(SECOND);
    }
    return new Interpretation.Understood<>(
        new Told(
            new SessionId(parts[0]),
            Signal.Moment.valueOf(parts[1]),
            Optional.of(parts[2]).filter(prompt -> !prompt.isEmpty()),
            Optional.of(parts[3]).filter(path -> !path.isEmpty()).map(Path::of),
            parts.length < 5 ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(parts[4]))));
  }

  @Override
  public TurnAssembler<Told> assembler(SessionRef ref) {
    return new Assembler(ref, polled);
  }

  @Override
  public Installer installer() {
    throw new UnsupportedOperationException();
  }

  private static final class Assembler implements TurnAssembler<Told> {
    private record Turn(String prompt, long end, boolean open, boolean old) {
      Turn(String prompt, long end, boolean open) {
        this(prompt, end, open, false);
      }
    }

    /** What the process before has pushed; then what the one that took over has. */
    private final Pushed pushed = new Pushed();

    private final Pushed next = new Pushed();

    private static final class Pushed {
      final List<String> parts = new ArrayList<>();
      final Set<EventId> events = new LinkedHashSet<>();
      OptionalLong by = OptionalLong.empty();

      void add(Event event, Told signal) {
        parts.add(signal.prompt().orElse(""));
        events.add(event.id());
        by = signal.agentPid();
      }

      Turn end(long position) {
        var turn = new Turn(String.join(" ", parts), position, false);
        parts.clear();
        events.clear();
        return turn;
      }

      void take(Pushed other) {
        parts.addAll(other.parts);
        events.addAll(other.events);
        by = other.by;
        other.parts.clear();
        other.events.clear();
      }
    }

    private final SessionRef ref;
    private final Runnable polled;
    private final Deque<Turn> turns = new ArrayDeque<>();

    /** Prompts of turns that were said to have ended, and whose rows are to come. */
    private final Set<String> announced = new HashSet<>();

    private boolean started;
    private @Nullable Path file;
    private long position;
    private int count;

    Assembler(SessionRef ref, Runnable polled) {
      this.ref = ref;
      this.polled = polled;
      ref.memory()
          .ifPresent(
              memory ->
                  memory
                      .positions()
                      .forEach(
                          (path, at) -> {
                            file = path;
                            position = at.offset();
                          }));
    }

    @Override
    public void accept(Event event, Told signal) {
      if (signal.prompt().equals(Optional.of("bad"))) {
        throw new IllegalArgumentException("an event nobody expected");
      }
      started |= signal.moment() == Signal.Moment.SESSION_STARTED;
      if (signal.file().isPresent()) {
        file = signal.file().get();
        if (signal.moment() == Signal.Moment.TURN_ENDED) {
          signal.prompt().ifPresent(announced::add);
        }
        return;
      }
      boolean others = !pushed.parts.isEmpty() && !pushed.by.equals(signal.agentPid());
      (others ? next : pushed).add(event, signal);
      if (signal.moment() == Signal.Moment.TURN_ENDED && !others) {
        turns.add(pushed.end(position));
        pushed.take(next);
      }
    }

    @Override
    public List<FollowedFile> files() {
      return file == null ? List.of() : List.of(new FollowedFile(file, position, true));
    }

    @Override
    public void accept(Path from, Line line) {
      if (!(line instanceof Line.Row row)) {
        return;
      }
      long end = row.end();
      String[] words = new String(row.copy(), UTF_8).split(" ", 2);
      switch (words[0]) {
        case "turn" -> turns.add(new Turn(words[1], end, false));
        case "old" -> turns.add(new Turn(words[1], end, false, true));
        case "open" -> turns.add(new Turn(words[1], end, true));
        default -> throw new IllegalArgumentException("a row nobody expected");
      }
    }

    @Override
    public void restarted(Path of) {
      turns.clear();
      position = 0;
    }

    @Override
    public Optional<Finished> poll(Circumstances now) {
      polled.run();
      if (!next.parts.isEmpty() && now.heard()) {
        turns.add(pushed.end(position));
        pushed.take(next);
      }
      Turn turn = turns.peek();
      boolean left = now.idle() || now.agentGone();
      if (turn == null || (turn.open() && turns.size() == 1 && !left)) {
        if (now.patient()) {
          announced.removeIf(prompt -> !prompt.equals(NEVER_COMES));
        }
        return Optional.empty();
      }
      announced.remove(turn.prompt());
      turns.remove();
      position = turn.end();
      if (turn.old() && !started) {
        return Optional.of(Finished.Skipped.history(memory()));
      }
      count++;
      var key = new TurnKey(turn.prompt());
      TraceSeed seed = ref.seeds().seed(key, count, Optional.of(turn.prompt()));
      Instant at = Instant.parse("2026-11-21T10:00:00Z");
      var frame =
          new Frame(
              seed.span(SpanKind.TURN, turn.prompt()),
              null,
              "turn",
              at,
              at,
              Level.DEFAULT,
              null,
              Map.of());
      var facts =
          new TurnFacts(
              count,
              Optional.of(turn.prompt()),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              List.of(),
              Map.of());
      return Optional.of(
          new Finished.ClosedTurn(
              key,
              seed.traceId(),
              List.of(
                  new Observation.AgentSpan(
                      frame, Content.prompt(turn.prompt()), Content.answer("done"))),
              facts,
              false,
              memory()));
    }

    @Override
    public boolean awaitingRows() {
      return !announced.isEmpty();
    }

    @Override
    public boolean awaitingSpool() {
      return !next.parts.isEmpty();
    }

    @Override
    public boolean open() {
      return !turns.isEmpty() || !pushed.parts.isEmpty();
    }

    @Override
    public Memory memory() {
      Map<Path, Memory.Position> positions =
          file == null
              ? Map.of()
              : Map.of(file, new Memory.Position(position, "not how readers do it"));
      var needed = new LinkedHashSet<>(pushed.events);
      needed.addAll(next.events);
      return new Memory(positions, "{}", needed);
    }
  }
}
