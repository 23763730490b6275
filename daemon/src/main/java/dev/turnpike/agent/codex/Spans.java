package dev.turnpike.agent.codex;

import dev.turnpike.agent.codex.Carry.Told;
import dev.turnpike.agent.codex.ModelStep.Heard;
import dev.turnpike.agent.codex.Turn.Summons;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a turn can go out now, as observations of one trace: all that is final and did not go out
 * before. Called again with the same {@link Told} it gives what has become final since.
 */
final class Spans {
  private static final int LIMIT_DEPTH = 8;

  private final TraceSeed seed;
  private final Threads threads;
  private final Told told;
  private final boolean all;
  private final List<Observation> found = new ArrayList<>();
  private final Set<String> placed = new HashSet<>();
  private boolean waiting;

  /**
   * @param all nothing more will come: what still runs goes out as it is
   */
  Spans(TraceSeed seed, Threads threads, Told told, boolean all) {
    this.seed = seed;
    this.threads = threads;
    this.told = told;
    this.all = all;
  }

  List<Observation> found() {
    return found;
  }

  /** Something of the turn still runs. */
  boolean waiting() {
    return waiting;
  }

  /**
   * @param fresh the turn itself did not go out yet
   */
  void turn(Turn turn, boolean fresh) {
    SpanId root = seed.span(SpanKind.TURN, turn.id);
    content(turn, turn, root, fresh, 0);
    if (!fresh) {
      return;
    }
    Outcome outcome = Outcome.of(turn);
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("outcome", outcome.word());
    metadata.putAll(turn.metadata);
    var frame =
        new Frame(
            root,
            null,
            "codex turn",
            turn.start,
            turn.last,
            outcome.level(),
            outcome.status(),
            metadata);
    Content input = turn.prompts.isEmpty() ? Content.NONE : Content.prompt(turn.prompts.getFirst());
    found.add(new Observation.AgentSpan(frame, input, output(turn)));
  }

  private static Content output(Turn turn) {
    String said = turn.answer;
    return switch (turn.ending) {
      case FAILED -> Content.NONE;
      case COMPLETE -> answer(said == null || said.isBlank() ? turn.lastText() : said);
      case NONE, ABORTED, FOLLOWED -> answer(turn.lastText());
    };
  }

  private static Content answer(String text) {
    return text.isBlank() ? Content.NONE : Content.answer(text);
  }

  private void content(Turn root, Turn turn, SpanId parent, boolean fresh, int depth) {
    if (fresh) {
      for (ModelStep step : turn.steps) {
        generation(turn, step, parent);
      }
      for (Turn.Remark remark : turn.remarks) {
        remark(turn, remark, parent);
      }
    }
    for (ToolRun run : turn.runs.values()) {
      String id = nativeId(turn, run.id);
      if (run.inBackground() && !all) {
        waiting = true;
        if (fresh) {
          told.held.add(id);
        }
      } else if (told.held.remove(id) || fresh) {
        tool(turn, run, parent);
      }
    }
    if (depth < LIMIT_DEPTH) {
      turn.summoned.forEach(
          (thread, calls) -> agents(root, turn, thread, calls, parent, depth + 1));
      if (turn == root) {
        threads.unsummoned(root).forEach(t -> agents(root, turn, t, List.of(), parent, depth + 1));
      }
    }
  }

  private static String nativeId(Turn turn, String id) {
    return turn.id + ":" + id;
  }

  // ---- model calls

  private void generation(Turn turn, ModelStep step, SpanId parent) {
    String reported = step.model;
    ModelName model = reported == null || reported.isEmpty() ? null : ModelName.of(reported);
    Outcome outcome = Outcome.of(step, turn);
    var metadata = new LinkedHashMap<String, String>();
    if (model != null && model.changed()) {
      metadata.put("model_raw", model.raw());
    }
    if (step.responseId != null) {
      metadata.put("response_id", step.responseId);
    }
    if (step.reasoningTokens > 0 && ModelStep.pricedWhole(reported)) {
      metadata.put("reasoning_tokens", Long.toString(step.reasoningTokens));
    }
    String name = model == null ? "model call" : model.normal();
    var frame =
        new Frame(
            seed.span(SpanKind.GENERATION, nativeId(turn, step.key())),
            parent,
            step.compaction ? "compaction" : name,
            step.start,
            step.end,
            outcome.level(),
            outcome.status(),
            metadata);
    String effort = step.effort;
    found.add(
        new Observation.Generation(
            frame,
            messages("user", heard(step)),
            messages("assistant", step.output),
            model == null ? null : model.normal(),
            effort == null ? Map.of() : Map.of("reasoning_effort", effort),
            step.usage,
            null,
            null));
  }

  private static List<Part> heard(ModelStep step) {
    var parts = new ArrayList<Part>();
    for (Heard heard : step.heard) {
      parts.add(
          switch (heard) {
            case Heard.Said(var text) -> new Part.Text(ContentKind.PROMPT, text);
            case Heard.Answered(var run, var text) ->
                new Part.ToolResult(run.id, text, run.failedWhenAnswered());
          });
    }
    return parts;
  }

  private static Content messages(String role, List<Part> parts) {
    return parts.isEmpty() ? Content.NONE : new Content.Messages(List.of(new Message(role, parts)));
  }

  private void remark(Turn turn, Turn.Remark remark, SpanId parent) {
    var frame =
        new Frame(
            seed.span(SpanKind.NOTE, nativeId(turn, remark.key())),
            parent,
            remark.what(),
            remark.at(),
            remark.at(),
            Level.DEFAULT,
            null,
            Map.of());
    Content text = remark.text().isBlank() ? Content.NONE : Content.prompt(remark.text());
    found.add(new Observation.Note(frame, text, Content.NONE));
  }

  // ---- tools

  private SpanId toolSpan(Turn turn, String callId) {
    return seed.span(SpanKind.TOOL, nativeId(turn, callId));
  }

  private void tool(Turn turn, ToolRun run, SpanId parent) {
    Outcome outcome = Outcome.of(run, turn);
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "exit_code", run.exitCode());
    put(metadata, "duration_ms", run.durationMillis());
    ModelStep asking = run.requestedBy;
    if (asking != null) {
      SpanId by = seed.span(SpanKind.GENERATION, nativeId(turn, asking.key()));
      metadata.put("requested_by", by.toString());
    }
    String outer = run.inside;
    var frame =
        new Frame(
            toolSpan(turn, run.id),
            outer == null ? parent : toolSpan(turn, outer),
            run.name,
            run.asked,
            run.ended(turn.last),
            outcome.level(),
            outcome.status(),
            metadata);
    String output = run.output();
    found.add(
        new Observation.ToolCall(
            frame,
            run.id,
            run.json
                ? new Content.Json(ContentKind.TOOL_INPUT, run.input)
                : new Content.Text(ContentKind.TOOL_INPUT, run.input),
            output.isBlank() ? Content.NONE : new Content.Text(ContentKind.TOOL_OUTPUT, output)));
  }

  private static void put(Map<String, String> metadata, String name, @Nullable String value) {
    if (value != null) {
      metadata.put(name, value);
    }
  }

  // ---- sub-agents

  /**
   * @param calls that started or spoke to it, in {@code turn}; empty if none is known
   */
  private void agents(
      Turn root, Turn turn, String thread, List<Summons> calls, SpanId parent, int depth) {
    List<Turn> work = threads.turns(thread, root);
    if (work.isEmpty() && calls.stream().anyMatch(Summons::started) && !all) {
      ToolRun call = turn.runs.get(calls.getFirst().callId());
      waiting |= call == null || call.failure() == null;
    }
    for (Turn child : work) {
      Summons by = summons(calls, child.start);
      if ((by == null && !calls.isEmpty()) || !placed.add(child.id)) {
        continue; // another call's
      }
      boolean over = child.over() || all;
      waiting |= !over;
      if (!over) {
        continue;
      }
      boolean fresh = told.agents.add(child.id);
      SpanId span = seed.span(SpanKind.AGENT, child.id);
      content(root, child, span, fresh, depth);
      if (fresh) {
        SpanId above = by == null ? parent : toolSpan(turn, by.callId());
        agent(thread, child, by == null ? null : turn.runs.get(by.callId()), span, above);
      }
    }
  }

  /** The last that lies before it. */
  private static @Nullable Summons summons(List<Summons> calls, Instant start) {
    Summons last = null;
    for (Summons call : calls) {
      if (!call.at().isAfter(start)) {
        last = call;
      }
    }
    return last;
  }

  private void agent(
      String thread, Turn child, @Nullable ToolRun call, SpanId span, SpanId parent) {
    Outcome outcome = Outcome.of(child);
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("outcome", outcome.word());
    metadata.put("agent_id", thread);
    put(metadata, "agent_path", threads.fact(thread, "path"));
    put(metadata, "agent_nickname", threads.fact(thread, "nickname"));
    put(metadata, "agent_role", threads.fact(thread, "role"));
    metadata.putAll(child.metadata);
    var frame =
        new Frame(
            span,
            parent,
            name(thread),
            child.start,
            child.last,
            outcome.level(),
            outcome.status(),
            metadata);
    String task = task(child, call, metadata.getOrDefault("agent_path", ""));
    Content input = task.isBlank() ? Content.NONE : Content.prompt(task);
    found.add(new Observation.AgentSpan(frame, input, output(child)));
  }

  /** Its role, {@code worker}; without one, the last word of the path Codex gave it. */
  private String name(String thread) {
    String role = threads.fact(thread, "role");
    String path = threads.fact(thread, "path");
    if (role != null || path == null) {
      return role == null ? "sub-agent" : role;
    }
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Its own prompt where that is readable; the service encrypts it in both places (0.169.0). */
  private static String task(Turn child, @Nullable ToolRun call, String path) {
    if (!child.prompts.isEmpty()) {
      return child.prompts.getFirst();
    }
    String message = call == null ? "" : Row.text(Row.parsed(call.input), "message", "");
    return message.isBlank() || message.startsWith("gAAAA") ? path : message;
  }
}
