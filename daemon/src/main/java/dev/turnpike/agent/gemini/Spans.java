package dev.turnpike.agent.gemini;

import dev.turnpike.agent.gemini.Row.Answer;
import dev.turnpike.agent.gemini.Row.Call;
import dev.turnpike.agent.gemini.Row.Said;
import dev.turnpike.agent.gemini.Work.Step;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.ModelName;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.SpanKind;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.TurnKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A turn as observations of one trace. */
final class Spans {
  private static final int LIMIT_DEPTH = 8;

  private final TraceSeed seed;
  private final SpanId root;
  private final Map<String, SubAgent> agents;
  private final List<Observation> all = new ArrayList<>();
  private final Set<SpanId> ids = new HashSet<>();

  /**
   * @param turn the turn's key
   * @param agents by their ids, as far as their files were read
   */
  Spans(TraceSeed seed, TurnKey turn, Map<String, SubAgent> agents) {
    this.seed = seed;
    this.root = seed.span(SpanKind.TURN, turn.value());
    this.agents = agents;
  }

  List<Observation> all() {
    return all;
  }

  /**
   * @param whole the turn, with those that only go on with it
   */
  void turn(List<OpenTurn> whole, Outcome outcome) {
    OpenTurn turn = whole.getFirst();
    work(turn);
    whole.stream().skip(1).forEach(this::later);
    var frame =
        new Frame(
            root,
            null,
            "gemini-cli turn",
            turn.start(),
            whole.getLast().work.end(),
            outcome.level(),
            outcome.status(),
            Map.of("outcome", outcome.word()));
    all.add(new Observation.AgentSpan(frame, input(turn.prompt), answer(outcome.output())));
  }

  /** What goes on with the turn because its answer was refused. */
  void later(OpenTurn turn) {
    Said said = turn.prompt;
    if (said != null) {
      continued(said);
    }
    work(turn);
  }

  private void work(OpenTurn turn) {
    children(turn.work, root, turn.work.end(), 0);
    turn.work.interjected().forEach(this::continued);
  }

  private void continued(Said said) {
    var frame =
        new Frame(
            seed.span(SpanKind.NOTE, said.id()),
            root,
            "continued",
            said.at(),
            said.at(),
            Level.DEFAULT,
            null,
            Map.of());
    add(new Observation.Note(frame, Content.prompt(said.text()), Content.NONE));
  }

  private static Content input(@Nullable Said prompt) {
    if (prompt == null) {
      return Content.NONE;
    }
    if (prompt.media().isEmpty()) {
      return Content.prompt(prompt.prompt());
    }
    var parts = new ArrayList<Part>();
    if (!prompt.prompt().isEmpty()) {
      parts.add(new Part.Text(ContentKind.PROMPT, prompt.prompt()));
    }
    parts.addAll(prompt.media());
    return messages("user", parts);
  }

  private static Content answer(String text) {
    return text.isBlank() ? Content.NONE : Content.answer(text);
  }

  private void children(Work work, SpanId parent, Instant end, int depth) {
    List<Call> before = List.of();
    for (Step step : work.steps()) {
      generation(step, before, parent);
      for (Call call : step.answer.calls()) {
        tool(step.answer, call, parent, end, depth);
      }
      before = step.answer.calls();
    }
  }

  private void generation(Step step, List<Call> before, SpanId parent) {
    Answer answer = step.answer;
    ModelName model = answer.model() == null ? null : ModelName.of(answer.model());
    var metadata = new LinkedHashMap<String, String>();
    if (model != null && model.changed()) {
      metadata.put("model_raw", model.raw());
    }
    var frame =
        new Frame(
            seed.span(SpanKind.GENERATION, answer.id()),
            parent,
            model == null ? "model call" : model.normal(),
            step.began,
            answer.at(),
            Level.DEFAULT,
            null,
            metadata);
    add(
        new Observation.Generation(
            frame,
            messages("user", heard(step, before)),
            messages("assistant", told(answer)),
            model == null ? null : model.normal(),
            Map.of(),
            answer.usage(),
            null,
            null));
  }

  private static List<Part> heard(Step step, List<Call> before) {
    var parts = new ArrayList<Part>();
    for (Call call : before) {
      boolean failed = call.error() != null;
      parts.add(
          new Part.ToolResult(
              call.id(), call.error() == null ? call.output() : call.error(), failed));
    }
    for (Said said : step.said) {
      if (!said.text().isEmpty()) {
        parts.add(new Part.Text(ContentKind.PROMPT, said.text()));
      }
      parts.addAll(said.media());
    }
    return parts;
  }

  private static List<Part> told(Answer answer) {
    var parts = new ArrayList<Part>();
    answer.thoughts().forEach(thought -> parts.add(new Part.Reasoning(thought)));
    if (!answer.text().isEmpty()) {
      parts.add(new Part.Text(ContentKind.ANSWER, answer.text()));
    }
    answer
        .calls()
        .forEach(call -> parts.add(new Part.ToolUse(call.id(), call.name(), call.arguments())));
    return parts;
  }

  private static Content messages(String role, List<Part> parts) {
    return parts.isEmpty() ? Content.NONE : new Content.Messages(List.of(new Message(role, parts)));
  }

  private void tool(Answer asking, Call call, SpanId parent, Instant turnEnd, int depth) {
    Instant ended = call.at() == null ? turnEnd : call.at();
    ToolEnd end = ToolEnd.of(call);
    SpanId span = seed.span(SpanKind.TOOL, asking.id() + ":" + call.id());
    var frame =
        new Frame(
            span,
            parent,
            call.name(),
            asking.at(),
            ended,
            end.level(),
            end.status(),
            end.metadata());
    String text = call.error() == null ? call.output() : call.error();
    Content output =
        text.isEmpty() ? Content.NONE : new Content.Text(ContentKind.TOOL_OUTPUT, text);
    boolean first =
        add(
            new Observation.ToolCall(
                frame,
                call.id(),
                new Content.Json(ContentKind.TOOL_INPUT, call.arguments()),
                output));
    SubAgent agent = call.agentId() == null ? null : agents.get(call.agentId());
    if (first && agent != null && depth < LIMIT_DEPTH) {
      subAgent(agent, call, span, ended, depth + 1);
    }
  }

  private void subAgent(SubAgent agent, Call call, SpanId parent, Instant ended, int depth) {
    SpanId span = seed.span(SpanKind.AGENT, agent.id());
    if (!ids.add(span)) {
      return;
    }
    Work work = agent.work();
    if (work != null) {
      children(work, span, ended, depth);
    }
    ToolEnd end = ToolEnd.ofAgent(call);
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("agent_id", agent.id());
    metadata.put("agent_type", agent.type(call));
    if (call.end() != null) {
      metadata.put("end", call.end());
    }
    var frame =
        new Frame(
            span,
            parent,
            agent.type(call),
            work == null ? ended : work.start(),
            work == null ? ended : work.end(),
            end.level(),
            end.status(),
            metadata);
    String task = agent.task(call);
    String said = call.result() == null ? call.output() : call.result();
    all.add(
        new Observation.AgentSpan(
            frame, task.isEmpty() ? Content.NONE : Content.prompt(task), answer(said)));
  }

  /** A sub-agent whose call was never written: it hangs below the turn, by no name of its own. */
  void adrift(OpenTurn turn, SubAgent agent) {
    Work work = agent.work();
    SpanId span = seed.span(SpanKind.AGENT, agent.id());
    if (work == null || !ids.add(span)) {
      return;
    }
    turn.work.reach(work.end());
    children(work, span, work.end(), 1);
    var frame =
        new Frame(
            span,
            root,
            "sub-agent",
            work.start(),
            work.end(),
            Level.WARNING,
            "ended before its answer",
            Map.of("agent_id", agent.id()));
    Content task = agent.task().isEmpty() ? Content.NONE : Content.prompt(agent.task());
    all.add(new Observation.AgentSpan(frame, task, answer(work.lastText())));
  }

  private boolean add(Observation observation) {
    boolean first = ids.add(observation.frame().id());
    if (first) {
      all.add(observation);
    }
    return first;
  }
}
