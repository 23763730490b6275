package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import dev.turnpike.agent.claudecode.ClaudeLine.Notification;
import dev.turnpike.agent.claudecode.Endings.Ending;
import dev.turnpike.model.Event;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns of one session of Claude Code. Rows say what happened ({@link MainFile}, {@link Agents}),
 * hooks that it is worth looking and what no row tells ({@link HookFacts}); {@link Endings} says
 * when a turn is closed, {@link Observations} what it looks like.
 *
 * <p>After a restart the files are read again from {@link #memory()}: every decision is a function
 * of the rows from there on and of the carried facts, so the outcome is the same.
 */
final class ClaudeAssembler implements TurnAssembler<ClaudeSignal> {
  private final SessionRef ref;
  private final LineParser parser = new LineParser();
  private final HookFacts hooks = new HookFacts();
  private final HookTurns hookTurns = new HookTurns();
  private final Agents agents = new Agents();
  private final Endings endings = new Endings(hooks, agents);
  private final FirstContact firstContact = new FirstContact();
  private final Background background;
  private final Positions positions;
  private final MainFile main;
  private @Nullable Path mainPath;

  /** When the latest event fired that named a transcript. */
  private Instant adopted = Instant.EPOCH;

  private @Nullable SessionFolder folder;
  private @Nullable Instant accounted;
  private int count;

  ClaudeAssembler(SessionRef ref) {
    this.ref = ref;
    Memory memory = ref.memory().orElse(Memory.NONE);
    positions = new Positions(memory.positions());
    JsonNode carry = Carry.read(memory.carry());
    if (ref.memory().isPresent()) {
      firstContact.read(carry);
    }
    hooks.read(carry);
    hookTurns.read(carry);
    count = carry.path("turns").asInt(0);
    accounted = LineParser.instant(HookFacts.string(carry.path("accounted")));
    var tips = new ArrayList<String>();
    carry.path("tips").forEach(tip -> tips.add(tip.asText()));
    String path = HookFacts.string(carry.path("path"));
    mainPath = path == null ? null : Path.of(path);
    folder = mainPath == null ? null : new SessionFolder(mainPath);
    main =
        new MainFile(ref, mainPath == null ? 0 : positions.offset(mainPath), tips, hookTurns::told);
    if (carry.path("marks").asBoolean(false)) {
      main.marked();
    }
    if (carry.path("rows").asBoolean(false)) {
      main.existed();
    }
    for (var field : carry.path("notified").properties()) {
      agents.notified(field.getKey(), field.getValue().asText());
    }
    background = new Background(agents, hooks, endings, positions, this::wholeOutput);
    background.read(carry);
  }

  @Override
  public void accept(Event event, ClaudeSignal signal) {
    adopt(event.at(), signal);
    firstContact.heard(signal);
    if (!main.exists()) {
      hookTurns.heard(signal, event.at(), event.caller().cwd());
    }
    var agent = signal.agent();
    var tool = signal.tool();
    if (signal.moment() != Moment.SESSION_ENDED) {
      hooks.heard(event.at());
    }
    switch (signal.moment()) {
      case SESSION_STARTED, PROMPT_SUBMITTED -> {}
      case SESSION_ENDED -> hooks.sessionEnded(event.at());
      case TURN_ENDED -> {
        if (agent != null) {
          // 2.1.329: an API error inside a sub-agent fires StopFailure with its agent_id; the turn
          // goes on (fixture subagent-error).
          hooks.agentStopped(agent.id());
        } else if (!signal.event().equals("SubagentStop")) {
          boolean failed = signal.event().equals("StopFailure");
          String kind = signal.source() == null ? "unknown" : signal.source();
          hooks.announce(signal.promptId(), event.at(), signal.lastMessage(), failed ? kind : null);
        }
      }
      case ACTIVITY -> {
        boolean before = signal.event().equals("PreToolUse");
        if (tool != null && (before || signal.event().startsWith("PostToolUse"))) {
          hooks.tool(event.at(), before, tool);
        }
      }
    }
  }

  /**
   * Another path for the same session: it was resumed elsewhere and its history copied. A start
   * that comes late, out of the spool, must not lead back to the file that was left.
   */
  private void adopt(Instant at, ClaudeSignal signal) {
    Path path = signal.transcript();
    if (path == null) {
      return;
    }
    boolean older = at.isBefore(adopted);
    adopted = older ? adopted : at;
    if (path.equals(mainPath)) {
      return;
    }
    if (mainPath == null) {
      mainPath = path;
      folder = new SessionFolder(path);
    } else if (signal.moment() == Moment.SESSION_STARTED && !older) {
      mainPath = path;
      folder = new SessionFolder(path);
      main.restart(accounted);
      agents.restartSidechains();
    }
  }

  @Override
  public List<FollowedFile> files() {
    var followed = new ArrayList<FollowedFile>();
    if (mainPath == null) {
      return followed;
    }
    followed.add(new FollowedFile(mainPath, positions.offset(mainPath), true));
    List<OpenTurn> told = firstContact.told(main.turns());
    if (folder != null && (firstContact.settled() || !told.isEmpty())) {
      try {
        for (Path path : background.search(folder, told).wanted()) {
          followed.add(new FollowedFile(path, positions.offset(path), true));
        }
      } catch (IOException e) {
        ref.counters().count("agents.folder_unreadable");
      }
    }
    return followed;
  }

  @Override
  public void accept(Path file, Line line) {
    switch (line) {
      case Line.Oversized(long start, long end) -> {
        if (file.equals(mainPath)) {
          main.skip(end);
        } else {
          agents.of(file, start).ifPresent(stream -> stream.skip(end));
        }
      }
      case Line.Row(long start, long end, byte[] bytes, int from, int to) -> {
        ClaudeLine parsed = parser.parse(bytes, from, to);
        if (file.equals(mainPath)) {
          mainRow(start, end, parsed);
        } else {
          agents.of(file, start).ifPresent(stream -> stream.accept(start, end, parsed));
        }
      }
    }
  }

  private void mainRow(long start, long end, ClaudeLine line) {
    if (!main.exists()) {
      hookTurns.clear();
    }
    Notification notification = line.notification();
    if (notification != null) {
      String status = notification.status() == null ? "completed" : notification.status();
      if (notification.taskId() != null) {
        agents.notified(notification.taskId(), status);
      }
      if (notification.toolUseId() != null) {
        agents.notified(notification.toolUseId(), status);
      }
    }
    if (line.chain().sidechain()) {
      main.skip(end);
      agents.sidechain(start, end, line);
    } else {
      main.accept(start, end, line);
    }
  }

  @Override
  public void restarted(Path file) {
    positions.forget(file);
    if (file.equals(mainPath)) {
      main.restart(accounted);
      agents.restartSidechains();
    } else {
      agents.restart(file);
    }
  }

  @Override
  public Optional<Finished> poll(Circumstances now) {
    if (!firstContact.settled()) {
      boolean over = main.exists() && endings.abandoned(now);
      Instant dropped = firstContact.settle(main.turns(), now, over);
      if (dropped == null) {
        return hookTurn(now);
      }
      if (!dropped.equals(Instant.MIN)) {
        account(dropped);
        return Optional.of(Skipped.history(memory()));
      }
    }
    Optional<Finished> next = laterPart(now);
    if (next.isEmpty()) {
      next = closedTurn(now);
    }
    if (next.isEmpty() && now.caughtUp() && now.patient()) {
      // What the session's end could close is closed; rows that come from now on are of a process
      // that took it up again.
      hooks.endServed();
    }
    return next;
  }

  private Optional<Finished> closedTurn(Circumstances now) {
    String skipped = null;
    while (!main.turns().isEmpty()) {
      OpenTurn turn = main.turns().getFirst();
      Ending ending = endings.of(turn, now, main.marks());
      if (ending == null) {
        break;
      }
      if (turn.repeat || copied(turn)) {
        skipped = turn.repeat ? "already_told" : "copied";
        drop(turn);
      } else if (!turn.substantial() && ending != Ending.FAILED && !asked(turn, ending)) {
        drop(turn);
      } else if (endings.foregroundComplete(turn.work) || Endings.lenient(now)) {
        return Optional.of(close(turn, ending, now));
      } else {
        break;
      }
    }
    return skipped == null ? hookTurn(now) : Optional.of(new Skipped(skipped, memory()));
  }

  /**
   * A request went out for it and no answer came: the prompt of a killed or cut-off turn. If
   * another prompt follows without a row that mends the gap, the user took this one back with Esc
   * before the first byte (2.1.329, fixtures kill-before-answer and tty-esc-early).
   */
  private static boolean asked(OpenTurn turn, Ending ending) {
    return turn.work.lastRequest() != null && (ending != Ending.FOLLOWED || turn.work.mended());
  }

  /**
   * Rows of it name another session as their own: a fork begins with copies
   * (contracts/claude-code.md rule 6).
   */
  private boolean copied(OpenTurn turn) {
    String own = ref.key().session().value();
    return turn.work.origins().stream().anyMatch(origin -> !origin.equals(own));
  }

  private void drop(OpenTurn turn) {
    main.turns().removeFirst();
    account(turn.work.start);
  }

  private void account(Instant opened) {
    accounted = accounted == null || accounted.isBefore(opened) ? opened : accounted;
  }

  private Finished close(OpenTurn turn, Ending ending, Circumstances now) {
    count++;
    Optional<String> prompt = Optional.ofNullable(turn.promptId());
    TraceSeed seed = ref.seeds().seed(turn.key, count, prompt);
    Observations made = background.observations(seed, now);
    made.turn(turn, endings.outcome(turn, ending));
    TurnFacts facts = Facts.of(turn, count);
    drop(turn);
    turn.work.tools().forEach(tool -> hooks.forgetTool(tool.id));
    hooks.closed(turn.promptId());
    background.settle(made);
    boolean later = !made.pending().isEmpty() || !made.workflows().isEmpty();
    return new ClosedTurn(turn.key, seed.traceId(), made.all(), facts, later, memory());
  }

  private Optional<String> wholeOutput(String named) {
    try {
      return folder == null ? Optional.empty() : folder.output(named);
    } catch (IOException e) {
      ref.counters().count("tool_output.unreadable");
      return Optional.empty();
    }
  }

  private Optional<Finished> laterPart(Circumstances now) {
    return background
        .next(now)
        .map(part -> new LaterPart(part.trace(), part.observations(), part.last(), memory()));
  }

  private Optional<Finished> hookTurn(Circumstances now) {
    if (main.exists() || !now.caughtUp()) {
      return Optional.empty();
    }
    Optional<String> over = hookTurns.over(now, hooks.sessionOver());
    if (over.isEmpty()) {
      return Optional.empty();
    }
    String prompt = over.get();
    count++;
    var key = new TurnKey(prompt);
    TraceSeed seed = ref.seeds().seed(key, count, over);
    HookTurns.Told told = hookTurns.take(prompt, seed);
    hookTurns.drop(prompt);
    hooks.closed(prompt);
    var facts =
        new TurnFacts(
            count, over, Optional.empty(), told.cwd(), Optional.empty(), List.of(), Map.of());
    return Optional.of(
        new ClosedTurn(key, seed.traceId(), told.observations(), facts, false, memory()));
  }

  @Override
  public boolean awaitingRows() {
    boolean ended =
        hooks.anyAnnounced()
            || main.turns().stream().anyMatch(turn -> turn.closedByRows() && turn.substantial());
    boolean agentEnded = background.agentStopped();
    boolean sessionEnded =
        hooks.sessionOver()
            && (main.turns().stream().anyMatch(OpenTurn::substantial)
                || hookTurns.any()
                || background.open());
    return ended || agentEnded || sessionEnded;
  }

  @Override
  public boolean awaitingSpool() {
    return hookTurns.awaitingSpool();
  }

  @Override
  public boolean open() {
    return background.open()
        || hookTurns.any()
        || main.turns().stream().anyMatch(turn -> !turn.repeat);
  }

  @Override
  public Memory memory() {
    ObjectNode carry = Carry.begin();
    carry.put("path", mainPath == null ? null : mainPath.toString());
    carry.put("turns", count);
    main.tipsAtPosition().forEach(carry.putArray("tips")::add);
    carry.put("accounted", accounted == null ? null : accounted.toString());
    carry.put("marks", main.marks()).put("rows", main.exists());
    firstContact.write(carry);
    hooks.write(carry);
    hookTurns.write(carry);
    background.write(carry);
    if (mainPath != null) {
      positions.at(mainPath, main.position());
    }
    var now = new Positions(positions.all());
    for (AgentStream stream : agents.streams().values()) {
      agents.file(stream.id).ifPresent(file -> now.at(file.path(), stream.position()));
    }
    return new Memory(now.all(), Carry.text(carry));
  }
}
