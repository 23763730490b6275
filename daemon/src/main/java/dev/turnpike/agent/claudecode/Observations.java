package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.claudecode.AgentStream.Run;
import dev.turnpike.agent.claudecode.Agents.Linked;
import dev.turnpike.agent.claudecode.SessionFolder.Meta;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Message;
import dev.turnpike.model.Observation;
import dev.turnpike.model.Part;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.SpanKind;
import dev.turnpike.model.TraceSeed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns {@link Work} into observations of one trace: turn or sub-agent &gt; generation, tool call,
 * note; tool call &gt; sub-agent. A model call or tool call that lies in two files (older versions)
 * is told once, where it comes first.
 */
final class Observations {
  private final TraceSeed seed;
  private final TraceSeed.Spans ids;
  private final Generations generations;
  private final Agents agents;
  private final ToolSpans toolSpans;
  private final Predicate<Linked> done;
  private final List<Observation> all = new ArrayList<>();
  private final List<PendingAgent> pending = new ArrayList<>();
  private final List<PendingWorkflow> workflows = new ArrayList<>();
  private final List<Linked> told = new ArrayList<>();
  private final Set<SpanId> known = new HashSet<>();
  private Instant foregroundEnd = Instant.MIN;
  private int backgroundDepth;

  /**
   * @param done whether a run in the background has come to its end
   */
  Observations(TraceSeed seed, Agents agents, ToolSpans toolSpans, Predicate<Linked> done) {
    this.seed = seed;
    this.ids = seed.spans();
    this.generations = new Generations(ids);
    this.agents = agents;
    this.toolSpans = toolSpans;
    this.done = done;
  }

  List<Observation> all() {
    return all;
  }

  /** Runs that go on in the background. */
  List<PendingAgent> pending() {
    return pending;
  }

  /** Workflows that may launch further agents. */
  List<PendingWorkflow> workflows() {
    return workflows;
  }

  /** Runs that are in {@link #all()}. */
  List<Linked> told() {
    return told;
  }

  SpanId rootId(OpenTurn turn) {
    return ids.of(SpanKind.TURN, turn.key.value());
  }

  void turn(OpenTurn turn, Outcome outcome) {
    SpanId root = rootId(turn);
    for (Work.Compaction compaction : turn.before) {
      add(compaction(root, compaction, turn.work.start, turn.work.start));
    }
    children(turn.work, root);
    // A sub-agent's rows are later than anything of the turn's only where the call that launched it
    // was cut.
    Instant end = foregroundEnd.isAfter(turn.work.latest()) ? foregroundEnd : turn.work.latest();
    var frame =
        new Frame(
            root,
            null,
            "claude-code turn",
            turn.work.start,
            end,
            outcome.level(),
            outcome.status(),
            outcome.metadata());
    all.add(new Observation.AgentSpan(frame, input(turn.work), answer(outcome.output())));
  }

  private boolean inBackground(Linked linked) {
    return agents.meta(linked.stream().id).map(Meta::background).orElse(false);
  }

  static Content input(Work work) {
    String text = work.opener.readable();
    if (work.opener.media().isEmpty()) {
      return text.isEmpty() ? Content.NONE : Content.prompt(text);
    }
    var parts = new ArrayList<Part>();
    if (!text.isEmpty()) {
      parts.add(new Part.Text(ContentKind.PROMPT, text));
    }
    parts.addAll(work.opener.media());
    return new Content.Messages(List.of(new Message("user", parts)));
  }

  static Content answer(String text) {
    return text.isEmpty() ? Content.NONE : Content.answer(text);
  }

  private void children(Work work, SpanId parent) {
    for (ModelCall call : work.calls()) {
      add(generations.of(parent, work, call));
    }
    for (ToolRun tool : work.tools()) {
      SpanId span = ids.of(SpanKind.TOOL, tool.id);
      if (add(toolSpans.of(span, parent, tool, work.latest(), work.interrupted()))) {
        List<Linked> runs = agents.runsOf(tool);
        for (Linked linked : runs) {
          launched(linked, tool, span);
        }
        if (tool.background() || (tool.writesToAgent() && runs.isEmpty())) {
          unseen(tool, span, runs);
        }
      }
    }
    for (Work.Retry retry : work.retries()) {
      add(retry(parent, retry));
    }
    for (Work.Compaction compaction : work.compactions()) {
      long millis = Math.max(0, compaction.row().durationMillis());
      Instant begun = compaction.at().minus(Duration.ofMillis(millis));
      add(
          compaction(
              parent,
              compaction,
              begun.isBefore(work.start) ? work.start : begun,
              compaction.at()));
    }
    for (Work.SteeringNote note : work.steering()) {
      Instant at = note.at().isBefore(work.start) ? work.start : note.at();
      add(
          new Observation.Note(
              frame(
                  SpanKind.NOTE,
                  note.id(),
                  parent,
                  "steering",
                  at,
                  at,
                  Level.DEFAULT,
                  null,
                  Map.of()),
              Content.prompt(note.text()),
              Content.NONE));
    }
    failure(work, parent);
  }

  private void failure(Work work, SpanId parent) {
    var failure = work.failure();
    if (failure == null) {
      return;
    }
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "error", failure.kind());
    put(metadata, "status", failure.status());
    Instant request = work.lastRequest();
    Instant start = request == null || request.isAfter(work.latest()) ? work.latest() : request;
    add(
        new Observation.Note(
            frame(
                SpanKind.NOTE,
                "failure " + work.latest(),
                parent,
                "api_error",
                start,
                work.latest(),
                Level.ERROR,
                failure.text(),
                metadata),
            Content.NONE,
            Content.NONE));
  }

  /** What was launched and has no rows yet. */
  private void unseen(ToolRun tool, SpanId span, List<Linked> runs) {
    var result = tool.result();
    if (result == null) {
      return;
    }
    String workflow = result.workflow();
    String agent = result.agentId();
    if (workflow != null && agents.notification(tool.id) == null) {
      var known = new TreeSet<String>();
      runs.forEach(linked -> known.add(linked.stream().id));
      workflows.add(new PendingWorkflow(workflow, tool.id, seed, span, known));
    } else if (workflow == null && runs.isEmpty() && agent != null && !result.error()) {
      boolean launch = tool.launchesAgent();
      long from = launch ? 0 : PendingAgent.NEXT_RUN;
      String type = agents.type(agent, tool);
      pending.add(new PendingAgent(agent, null, from, launch, seed, type, span));
    }
  }

  private void launched(Linked linked, ToolRun tool, SpanId span) {
    boolean waits =
        !tool.launchesAgent() || tool.background() || (!tool.settled() && inBackground(linked));
    if (waits && !done.test(linked)) {
      var file = agents.file(linked.stream().id);
      pending.add(
          new PendingAgent(
              linked.stream().id,
              file.map(SessionFolder.AgentFile::path).orElse(null),
              linked.run().from,
              linked.run().launch,
              seed,
              agents.type(linked.stream().id, tool),
              span));
      return;
    }
    run(linked, span, agents.type(linked.stream().id, tool), waits);
  }

  /** A run of a sub-agent with all that is below it. */
  void run(Linked linked, SpanId parent, String asked, boolean background) {
    Run run = linked.run();
    Work work = run.work;
    String native_ =
        run.launch ? linked.stream().id : linked.stream().id + ":" + work.opener.chain().uuid();
    SpanId span = ids.of(SpanKind.AGENT, native_);
    if (!known.add(span)) {
      return;
    }
    told.add(linked);
    backgroundDepth += background ? 1 : 0;
    children(work, span);
    if (backgroundDepth == 0 && work.latest().isAfter(foregroundEnd)) {
      foregroundEnd = work.latest();
    }
    backgroundDepth -= background ? 1 : 0;
    String status = agents.notification(linked.stream().id);
    var failure = work.failure();
    boolean cut = !work.over() || work.interrupted();
    Level level =
        failure != null || "failed".equals(status)
            ? Level.ERROR
            : cut || "killed".equals(status) ? Level.WARNING : Level.DEFAULT;
    String message =
        failure != null ? failure.text() : cut ? "ended before it had an answer" : null;
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "agent_id", linked.stream().id);
    var meta = agents.meta(linked.stream().id);
    String type = meta.map(Meta::type).orElse(asked);
    put(metadata, "agent_type", type);
    put(metadata, "description", meta.map(Meta::description).orElse(null));
    put(
        metadata,
        "depth",
        meta.filter(m -> m.depth() > 0).map(m -> Integer.toString(m.depth())).orElse(null));
    put(metadata, "background", Boolean.toString(background));
    var frame = new Frame(span, parent, type, work.start, work.latest(), level, message, metadata);
    String output =
        work.over() && !work.interrupted() && failure == null ? work.finalText() : work.lastText();
    all.add(new Observation.AgentSpan(frame, input(work), answer(output)));
  }

  private Observation retry(SpanId parent, Work.Retry retry) {
    var row = retry.row();
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "status", row.status());
    put(metadata, "request_id", row.requestId());
    metadata.put("attempt", Integer.toString(row.attempt()));
    metadata.put("retry_in_ms", Long.toString(row.retryInMillis()));
    String uuid = row.chain().uuid();
    return new Observation.Note(
        frame(
            SpanKind.NOTE,
            uuid == null ? "retry " + retry.end() : uuid,
            parent,
            "api_error",
            retry.start(),
            retry.end(),
            Level.WARNING,
            row.message(),
            metadata),
        Content.NONE,
        Content.NONE);
  }

  private Observation compaction(
      SpanId parent, Work.Compaction compaction, Instant start, Instant end) {
    var row = compaction.row();
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("compaction_trigger", row.trigger());
    putCount(metadata, "pre_tokens", row.preTokens());
    putCount(metadata, "post_tokens", row.postTokens());
    putCount(metadata, "duration_ms", row.durationMillis());
    long millis = Math.max(0, row.durationMillis());
    metadata.put("compaction_started", compaction.at().minusMillis(millis).toString());
    metadata.put("compaction_ended", compaction.at().toString());
    String uuid = row.chain().uuid();
    return new Observation.Note(
        frame(
            SpanKind.NOTE,
            uuid == null ? "compaction " + compaction.at() : uuid,
            parent,
            "compaction",
            start,
            end,
            Level.DEFAULT,
            null,
            metadata),
        Content.NONE,
        compaction.summary() == null ? Content.NONE : Content.answer(compaction.summary()));
  }

  private Frame frame(
      SpanKind kind,
      String nativeId,
      SpanId parent,
      String name,
      Instant start,
      Instant end,
      Level level,
      @Nullable String status,
      Map<String, String> metadata) {
    return new Frame(ids.of(kind, nativeId), parent, name, start, end, level, status, metadata);
  }

  private boolean add(Observation observation) {
    boolean first = known.add(observation.frame().id());
    if (first) {
      all.add(observation);
    }
    return first;
  }

  static void put(Map<String, String> metadata, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      metadata.put(key, value);
    }
  }

  static void putCount(Map<String, String> metadata, String key, long value) {
    if (value >= 0) {
      metadata.put(key, Long.toString(value));
    }
  }
}
