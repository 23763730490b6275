package dev.turnpike.agent.codex;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.codex.ModelStep.Heard;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Part;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One turn of a thread while its rows come in. */
final class Turn {
  enum Ending {
    NONE,
    COMPLETE,
    FAILED,
    ABORTED,
    /** Another turn began without a word about this one. */
    FOLLOWED
  }

  /** Something worth a line of its own: a compaction, words that came while the turn ran. */
  record Remark(String key, String what, String text, Instant at) {}

  /** A call that started a sub-agent, or spoke to it. */
  record Summons(String callId, Instant at, boolean started) {}

  final String id;

  /** Where its first row stands in the file. */
  final long from;

  final Instant start;

  /** Total of tokens that the file had named before: needed to read it again from {@link #from}. */
  final String totalBefore;

  final List<String> prompts = new ArrayList<>();
  final List<ModelStep> steps = new ArrayList<>();
  final Map<String, ToolRun> runs = new LinkedHashMap<>();
  final List<Remark> remarks = new ArrayList<>();
  final Map<String, List<Summons>> summoned = new LinkedHashMap<>();
  final Map<String, String> metadata = new LinkedHashMap<>();

  /** Turn of the main thread this one works for; absent where the agent does not say. */
  @Nullable String root;

  @Nullable String parent;
  Ending ending = Ending.NONE;
  Instant last;
  @Nullable String answer;
  @Nullable String error;
  @Nullable String cwd;
  boolean records;

  private final Set<String> counted = new HashSet<>();
  private final List<Heard> unheard = new ArrayList<>();
  private Instant boundary;
  private @Nullable String model;
  private @Nullable String effort;
  private @Nullable ModelStep open;

  Turn(String id, long from, Instant start, String totalBefore) {
    this.id = id;
    this.from = from;
    this.start = start;
    this.last = start;
    this.boundary = start;
    this.totalBefore = totalBefore;
  }

  boolean over() {
    return ending != Ending.NONE;
  }

  /** Rows before 0.142 name no turn: then what follows in the file belongs to the one before. */
  boolean implicit() {
    return id.startsWith("@");
  }

  void settings(JsonNode context) {
    model = Row.text(context, "model", model == null ? "" : model);
    effort = Row.text(context, "effort");
    cwd = Row.text(context, "cwd");
    put("approval_policy", Row.text(context, "approval_policy"));
    put("sandbox", Row.text(context.path("sandbox_policy"), "type"));
  }

  void put(String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      metadata.put(name, value);
    }
  }

  void reach(Instant at) {
    if (!over() && at.isAfter(last)) {
      last = at;
    }
  }

  // ---- what was said to the model

  void prompt(String key, String text, Instant at) {
    boundary = at;
    // the formats between the oldest and the newest write both kinds of rows
    if (prompts.isEmpty() || !prompts.getLast().equals(text)) {
      if (!prompts.isEmpty()) {
        remarks.add(new Remark(key, "steered", text, at));
      }
      prompts.add(text);
      hear(text);
    }
  }

  /** Something that is not the user's: a hook's words, a sub-agent's report. */
  void hear(String text, Instant at) {
    boundary = at;
    hear(text);
  }

  private void hear(String text) {
    if (!text.isBlank()) {
      unheard.add(new Heard.Said(text));
    }
  }

  // ---- what the model said

  private ModelStep step(Instant at) {
    ModelStep now = open;
    if (now != null && (now.cut || now.answered)) {
      now = null;
    }
    if (now == null) {
      now = new ModelStep("step " + steps.size(), boundary, at, unheard, model, effort);
      unheard.clear();
      steps.add(now);
      open = now;
    }
    now.end = at;
    reach(at);
    return now;
  }

  void said(Row row) {
    String text = Row.readable(row.payload().path("content"));
    ModelStep step = step(row.at());
    if (!text.isEmpty()) {
      step.text.append(step.text.isEmpty() ? "" : "\n").append(text);
      step.output.add(new Part.Text(ContentKind.ANSWER, text));
    }
    step.finalAnswer |= "final_answer".equals(row.text("phase"));
  }

  void reasoned(Row row) {
    ModelStep step = step(row.at());
    var parts = new ArrayList<String>();
    row.payload().path("summary").forEach(part -> parts.add(Row.text(part, "text", "")));
    row.payload().path("content").forEach(part -> parts.add(Row.text(part, "text", "")));
    String text = String.join("\n\n", parts);
    if (!text.isBlank()) {
      step.output.add(new Part.Reasoning(text));
    }
  }

  ToolRun asked(Row row, String callId, String name, String input) {
    ModelStep step = step(row.at());
    ToolRun run = runs.computeIfAbsent(callId, id -> new ToolRun(id, row.at()));
    run.name = name;
    run.input = input;
    run.json = Row.isJson(input);
    run.itemised = row.ordinal() >= 0;
    run.requestedBy = step;
    step.output.add(new Part.ToolUse(callId, name, run.json ? input : Row.quoted(input)));
    return run;
  }

  /**
   * A call's tokens, or a repetition of the last ones. Where calls have records of their own a
   * repetition while one is under way tells that its stream broke off.
   *
   * @param fresh the total of the file has changed
   * @param recordsInFile calls have records of their own
   */
  void tokens(JsonNode info, boolean fresh, boolean recordsInFile) {
    ModelStep now = open;
    JsonNode last = info.path("last_token_usage");
    if (now == null || now.usage != null) {
      return;
    }
    if (!records && fresh && last.path("total_tokens").asLong() > 0) {
      now.count(last);
      close(now, now.end);
    } else if (recordsInFile) {
      now.cut = true;
    }
  }

  void record(Row row) {
    records = true;
    String response = row.text("response_id");
    if (response != null && !counted.add(response)) {
      return;
    }
    ModelStep step = open == null ? step(row.at()) : open;
    step.cut = false;
    step.responseId = response;
    step.count(row.payload().path("usage"));
    // Codex begins with a tool before the response is complete: that time is the tool's
    boolean asked = step.output.stream().anyMatch(part -> part instanceof Part.ToolUse);
    close(step, asked ? step.end : row.at());
    reach(row.at());
  }

  private void close(ModelStep step, Instant at) {
    step.end = at;
    open = null;
    boundary = boundary.isBefore(at) ? at : boundary;
  }

  void compacted(Row row) {
    remarks.add(new Remark("compaction " + remarks.size(), "compaction", "", row.at()));
    String response = row.text("compaction_response_id");
    for (ModelStep step : steps) {
      step.compaction |= response != null && response.equals(step.responseId);
    }
    reach(row.at());
  }

  // ---- what tools did

  void output(Row row) {
    String callId = row.text("call_id", "");
    String text = Row.readable(row.payload().path("output"));
    ToolRun run = runs.get(callId);
    boundary = row.at();
    ModelStep now = open;
    if (now != null) {
      now.answered = true;
    }
    reach(row.at());
    if (run != null) {
      run.answer(text, row.at());
      unheard.add(new Heard.Answered(run, text));
      if (run.name.endsWith("spawn_agent")) {
        // before 0.148 nothing else may name the thread
        summon(Row.text(Row.parsed(text), "agent_id", ""), run.id, run.asked, true);
      }
    }
  }

  void summon(String thread, String callId, Instant at, boolean started) {
    if (!Rollouts.isThreadId(thread)) {
      return;
    }
    ToolRun run = runs.get(callId);
    var summons = new Summons(callId, run == null ? at : run.asked, started);
    List<Summons> known = summoned.computeIfAbsent(thread, t -> new ArrayList<>());
    if (known.stream().noneMatch(one -> one.callId().equals(callId))) {
      known.add(summons);
    }
  }

  /** The run an item belongs to; made for what code mode calls and the user's own commands. */
  ToolRun run(String id, Instant at) {
    ToolRun known = runs.get(id);
    if (known != null) {
      return known;
    }
    var run = new ToolRun(id, at);
    run.itemised = true;
    if (id.startsWith("exec-")) {
      ToolRun last = null;
      for (ToolRun outer : runs.values()) {
        boolean open = last != null && !last.isAnswered();
        if (outer.name.equals("exec") && (!open || !outer.isAnswered())) {
          last = outer;
        }
      }
      run.inside = last == null ? null : last.id;
    }
    runs.put(id, run);
    return run;
  }

  /** What came last that is an answer; the text of a compaction is none. */
  String lastText() {
    String found = "";
    boolean isFinal = false;
    for (ModelStep step : steps) {
      if (!step.compaction && !step.text.isEmpty() && (step.finalAnswer || !isFinal)) {
        found = step.text.toString();
        isFinal = step.finalAnswer;
      }
    }
    return found;
  }

  boolean substantial() {
    return !prompts.isEmpty() || !steps.isEmpty() || !runs.isEmpty() || error != null;
  }
}
