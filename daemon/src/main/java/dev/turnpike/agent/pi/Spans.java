package dev.turnpike.agent.pi;

import static dev.turnpike.agent.pi.ItemParser.put;

import dev.turnpike.agent.pi.Item.Answer;
import dev.turnpike.agent.pi.Item.Call;
import dev.turnpike.agent.pi.Item.Result;
import dev.turnpike.agent.pi.Item.Said;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.SpanKind;
import dev.turnpike.model.TraceSeed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A turn as observations of one trace: turn &gt; generation, tool call; tool call &gt; sub-agent
 * &gt; its own. Ids of a sub-agent's spans begin with its session, since providers number calls
 * alike.
 */
final class Spans {
  private final TraceSeed seed;
  private final Family family;
  private final boolean waitForNobody;
  private final List<Observation> all = new ArrayList<>();
  private final List<Pending> pending = new ArrayList<>();
  private final List<Segment> told = new ArrayList<>();
  private final Set<SpanId> ids = new HashSet<>();

  /**
   * @param waitForNobody sub-agents that have not ended never will
   */
  Spans(TraceSeed seed, Family family, boolean waitForNobody) {
    this.seed = seed;
    this.family = family;
    this.waitForNobody = waitForNobody;
  }

  List<Observation> all() {
    return all;
  }

  /** Sub-agents that work on after their turn. */
  List<Pending> pending() {
    return pending;
  }

  /** Sub-agents' turns that are in {@link #all()}. */
  List<Segment> told() {
    return told;
  }

  void turn(Segment turn) {
    SpanId root = seed.span(SpanKind.TURN, turn.key().value());
    if (turn.alone()) {
      alone(turn, root);
      return;
    }
    Outcome outcome = Outcome.of(turn);
    children(turn, root, "", outcome);
    all.add(agent(turn, root, null, "pi turn", outcome, Map.of()));
  }

  private static Observation agent(
      Segment turn,
      SpanId span,
      @Nullable SpanId parent,
      String name,
      Outcome outcome,
      Map<String, String> more) {
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "outcome", outcome.word());
    metadata.putAll(more);
    var frame =
        new Frame(
            span,
            parent,
            name,
            turn.start(),
            turn.end(),
            outcome.level(),
            outcome.level() == Level.DEFAULT ? null : outcome.status(),
            metadata);
    Content output = outcome.output().isEmpty() ? Content.NONE : Content.answer(outcome.output());
    return new Observation.AgentSpan(frame, input(turn), output);
  }

  private static Content input(Segment turn) {
    var said = turn.said();
    if (said.isPresent() && !said.get().media().isEmpty()) {
      var parts = new ArrayList<Part>();
      parts.add(new Part.Text(ContentKind.PROMPT, said.get().text()));
      parts.addAll(said.get().media());
      return Generations.messages("user", parts);
    }
    Heard heard = turn.heard();
    String text =
        said.map(Said::text).orElseGet(() -> heard == null ? "" : heard.prompt().orElse(""));
    return text.isEmpty() ? Content.NONE : Content.prompt(text);
  }

  private void children(Segment turn, SpanId parent, String scope, Outcome outcome) {
    var input = new ArrayList<Part>();
    var runs = new ArrayList<ToolRun>();
    turn.said().ifPresent(said -> hear(said, input));
    for (int i = 0; i < turn.items().size(); i++) {
      Item item = turn.items().get(i);
      switch (item) {
        case Said said -> {
          if (said.when() != turn.turn()) {
            hear(said, input);
            if (said.role().equals("user")) {
              note(said, parent, scope);
            }
          }
        }
        case Answer answer -> {
          generation(turn, answer, input, parent, scope);
          input.clear();
          for (Call call : answer.calls()) {
            runs.add(run(turn, i, answer, call, scope));
          }
        }
        case Result result ->
            input.add(new Part.ToolResult(result.callId(), result.text(), result.error()));
        case Item.Work work -> add(work(turn, work, parent, scope));
        case Item.Bash bash -> add(bash(bash, parent, scope));
      }
    }
    unanswered(turn, input, parent, scope, outcome);
    for (ToolRun run : runs) {
      if (add(run.observation(parent, turn.end(), outcome.interrupted()))) {
        below(turn, run, scope);
      }
    }
    family.launchedBy(turn).forEach(child -> launched(child, runs, parent));
  }

  private static void hear(Said said, List<Part> input) {
    if (!said.text().isEmpty()) {
      input.add(new Part.Text(ContentKind.PROMPT, said.text()));
    }
    input.addAll(said.media());
  }

  private void generation(
      Segment turn, Answer answer, List<Part> input, SpanId parent, String scope) {
    Heard heard = turn.heard();
    Instant first = heard == null ? null : heard.firstToken(answer.when()).orElse(null);
    SpanId span = seed.span(SpanKind.GENERATION, scope + answer.when());
    add(Generations.of(span, parent, answer, input, first));
  }

  private void unanswered(
      Segment turn, List<Part> input, SpanId parent, String scope, Outcome outcome) {
    Heard heard = turn.heard();
    if (heard == null || turn.settled() || !outcome.interrupted()) {
      return;
    }
    heard
        .unanswered(Outcome.lastRequest(turn))
        .ifPresent(
            begun -> {
              Instant start = Instant.ofEpochMilli(begun.getKey());
              SpanId span = seed.span(SpanKind.GENERATION, scope + begun.getKey());
              Instant first = heard.firstToken(begun.getKey()).orElse(null);
              add(
                  Generations.interrupted(
                      span, parent, start, turn.end(), begun.getValue(), input, first));
            });
  }

  /**
   * The result of a call stands before the next answer; providers may use an id twice in a turn.
   */
  private ToolRun run(Segment turn, int at, Answer answer, Call call, String scope) {
    Result result = null;
    for (int i = at + 1; i < turn.items().size() && result == null; i++) {
      if (turn.items().get(i) instanceof Answer) {
        break;
      }
      if (turn.items().get(i) instanceof Result found && found.callId().equals(call.id())) {
        result = found;
      }
    }
    SpanId span = seed.span(SpanKind.TOOL, scope + answer.when() + ":" + call.id());
    return ToolRun.of(answer, call, result, turn.heard(), span);
  }

  /**
   * What a tool did in its turn: calls that its code made (1.x), a model's work it was billed for.
   */
  private void below(Segment turn, ToolRun run, String scope) {
    Result result = run.result();
    if (result == null) {
      return;
    }
    for (Item.Nested nested : result.nested()) {
      Heard heard = turn.heard();
      Instant began =
          heard == null
              ? run.began()
              : heard.toolBegan(nested.id(), run.began()).orElse(run.began());
      Instant told = heard == null ? null : heard.toolEnded(nested.id(), began).orElse(null);
      Instant ended =
          told != null
              ? told
              : nested.millis() >= 0 ? began.plusMillis(nested.millis()) : result.at();
      String error = nested.error();
      var frame =
          new Frame(
              seed.span(SpanKind.TOOL, scope + run.asked().when() + ":" + nested.id()),
              run.span(),
              nested.name(),
              began,
              ended,
              error == null ? Level.DEFAULT : Level.ERROR,
              error,
              Map.of());
      Content input =
          nested.arguments().isEmpty()
              ? Content.NONE
              : new Content.Json(ContentKind.TOOL_INPUT, nested.arguments());
      add(new Observation.ToolCall(frame, nested.id(), input, Content.NONE));
    }
    // a process that was traced itself reports the same work
    boolean traced = family.launchedBy(turn).stream().anyMatch(c -> run.ranAt(c.start()));
    if (result.bill().usage() != null && !traced) {
      SpanId span =
          seed.span(
              SpanKind.GENERATION, scope + "tool " + run.asked().when() + ":" + run.call().id());
      Instant end = run.ended() == null ? result.at() : run.ended();
      var frame =
          new Frame(
              span,
              run.span(),
              run.call().name() + " model work",
              run.began(),
              end,
              Level.DEFAULT,
              null,
              Map.of());
      add(Generations.billed(frame, result.bill(), Content.NONE));
    }
  }

  private void launched(Segment child, List<ToolRun> runs, SpanId root) {
    ToolRun by = Family.launcher(child, runs);
    SpanId parent = by == null ? root : by.span();
    String type = by == null ? "pi" : Family.typeOf(by.call());
    if (waitForNobody || family.over(child)) {
      subAgent(child, parent, type);
    } else {
      pending.add(new Pending(child.session(), child.turn(), seed, parent, type));
    }
  }

  void subAgent(Segment child, SpanId parent, String type) {
    SpanId span = seed.span(SpanKind.AGENT, child.key().value());
    if (!ids.add(span)) {
      return;
    }
    told.add(child);
    Outcome outcome = Outcome.of(child);
    children(child, span, child.session() + "|", outcome);
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "agent_id", child.session());
    put(metadata, "agent_type", type);
    all.add(agent(child, span, parent, type, outcome, metadata));
  }

  /** Work between turns: a small trace of its own. */
  private void alone(Segment turn, SpanId root) {
    Item item = turn.items().getFirst();
    Observation only =
        item instanceof Item.Bash bash
            ? bash(bash, root, "")
            : work(turn, (Item.Work) item, root, "");
    all.add(only);
    Frame f = only.frame();
    var frame =
        new Frame(
            root,
            null,
            "pi turn",
            f.start(),
            f.end(),
            f.level(),
            f.statusMessage(),
            Map.of("kind", f.name()));
    Content input =
        item instanceof Item.Bash bash
            ? Content.prompt("!" + bash.command())
            : Content.prompt(f.name());
    all.add(new Observation.AgentSpan(frame, input, only.output()));
  }

  private Observation work(Segment turn, Item.Work work, SpanId parent, String scope) {
    Heard heard = turn.heard();
    Instant start =
        heard == null || !work.kind().equals("compaction")
            ? work.at()
            : heard.compactionBegan(work.at()).orElse(work.at());
    SpanId span =
        seed.span(SpanKind.GENERATION, scope + work.kind() + " " + work.at().toEpochMilli());
    var metadata = new LinkedHashMap<>(work.more());
    put(metadata, "provider", work.bill().provider());
    var frame =
        new Frame(span, parent, work.kind(), start, work.at(), Level.DEFAULT, null, metadata);
    return Generations.billed(
        frame, work.bill(), work.summary() == null ? Content.NONE : Content.answer(work.summary()));
  }

  private Observation bash(Item.Bash bash, SpanId parent, String scope) {
    boolean failed = bash.exitCode() > 0;
    var frame =
        new Frame(
            seed.span(SpanKind.TOOL, scope + "user bash " + bash.when()),
            parent,
            "user bash",
            Instant.ofEpochMilli(bash.when()),
            bash.at(),
            bash.cancelled() ? Level.WARNING : failed ? Level.ERROR : Level.DEFAULT,
            bash.cancelled() ? "cancelled" : failed ? "exit code " + bash.exitCode() : null,
            Map.of());
    return new Observation.ToolCall(
        frame,
        "",
        new Content.Text(ContentKind.TOOL_INPUT, bash.command()),
        new Content.Text(ContentKind.TOOL_OUTPUT, bash.output()));
  }

  private void note(Said said, SpanId parent, String scope) {
    Instant when = Instant.ofEpochMilli(said.when());
    var frame =
        new Frame(
            seed.span(SpanKind.NOTE, scope + "steering " + said.when()),
            parent,
            "steering",
            when,
            when,
            Level.DEFAULT,
            null,
            Map.of());
    add(new Observation.Note(frame, Content.prompt(said.text()), Content.NONE));
  }

  private boolean add(Observation observation) {
    boolean first = ids.add(observation.frame().id());
    if (first) {
      all.add(observation);
    }
    return first;
  }
}
