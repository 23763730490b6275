package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.Observations.put;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SpanKind;
import dev.turnpike.model.TraceSeed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns of a session without a transcript ({@code --no-session-persistence}): all there is are the
 * hooks' payloads, so a hook's time is the time and there are no generations. Kept only as long as
 * no row of a main file was seen.
 */
final class HookTurns {
  private static final int TURN_LIMIT = 8;
  private static final int TOOL_LIMIT = 200;

  /** Of all texts together; what is beyond goes without its input and output. */
  private static final int TEXT_LIMIT_CHARS = 256 * 1024;

  private static final int TOLD_LIMIT = 50;

  private static final class Tool {
    String name = "tool";
    long start;
    long end;
    long duration = -1;
    boolean failed;
    boolean ended;
    @Nullable String input;
    @Nullable String output;
    @Nullable String agent;
  }

  private static final class Turn {
    long start;
    long end;
    @Nullable String prompt;
    @Nullable String answer;
    @Nullable String failure;
    @Nullable String cwd;
    boolean submitted;
    boolean stopped;
    final Map<String, Tool> tools = new LinkedHashMap<>();

    /** Nothing was asked for: a command of the CLI itself, for instance. */
    boolean empty() {
      return !submitted && !stopped && tools.isEmpty();
    }

    int chars() {
      int sum = length(prompt) + length(answer);
      for (Tool tool : tools.values()) {
        sum += length(tool.input) + length(tool.output);
      }
      return sum;
    }

    private static int length(@Nullable String text) {
      return text == null ? 0 : text.length();
    }
  }

  private final Map<String, Turn> turns = new LinkedHashMap<>();
  private final Set<String> told = new LinkedHashSet<>();
  private boolean awaitingSpool;

  /** Prompts whose turn went out from payloads alone. */
  boolean told(String prompt) {
    return told.contains(prompt);
  }

  /** A transcript has appeared. */
  void clear() {
    turns.clear();
  }

  boolean any() {
    return !turns.isEmpty();
  }

  void heard(ClaudeSignal signal, Instant at, @Nullable String cwd) {
    String prompt = signal.promptId();
    if (prompt == null || told.contains(prompt) || signal.moment() == Moment.SESSION_STARTED) {
      return;
    }
    if (!turns.containsKey(prompt) && turns.size() >= TURN_LIMIT) {
      return;
    }
    if (signal.moment() == Moment.SESSION_ENDED && !turns.containsKey(prompt)) {
      return;
    }
    Turn turn = turns.computeIfAbsent(prompt, _ -> new Turn());
    long millis = at.toEpochMilli();
    turn.start = turn.start == 0 ? millis : Math.min(turn.start, millis);
    turn.cwd = turn.cwd == null ? cwd : turn.cwd;
    if (signal.moment() == Moment.PROMPT_SUBMITTED && !turn.submitted) {
      turn.submitted = true;
      turn.prompt = kept(signal.text());
    }
    boolean main = signal.agent() == null;
    if (main && (signal.event().equals("Stop") || signal.event().equals("StopFailure"))) {
      boolean again = turn.stopped && java.util.Objects.equals(turn.answer, signal.lastMessage());
      turn.end = again ? Math.min(turn.end, millis) : Math.max(turn.end, millis);
      turn.stopped = true;
      if (signal.lastMessage() != null) {
        turn.answer = null;
        turn.answer = kept(signal.lastMessage());
      }
      turn.failure = signal.event().equals("StopFailure") ? signal.source() : null;
    }
    if (signal.tool() != null) {
      tool(turn, signal, signal.tool(), millis);
    }
  }

  private void tool(Turn turn, ClaudeSignal signal, ClaudeSignal.ToolFacts facts, long millis) {
    if (turn.tools.size() >= TOOL_LIMIT && !turn.tools.containsKey(facts.callId())) {
      return;
    }
    Tool tool = turn.tools.computeIfAbsent(facts.callId(), _ -> new Tool());
    tool.name = facts.name();
    tool.agent = signal.agent() == null ? null : signal.agent().id();
    tool.input = tool.input == null ? kept(facts.input()) : tool.input;
    tool.start = tool.start == 0 ? millis : Math.min(tool.start, millis);
    if (signal.event().startsWith("PostToolUse")) {
      tool.end = tool.ended ? Math.min(tool.end, millis) : millis;
    }
    if (signal.event().startsWith("PostToolUse") && !tool.ended) {
      tool.ended = true;
      tool.failed = facts.failed();
      tool.output = kept(facts.output());
      tool.duration = facts.durationMillis();
    }
  }

  private @Nullable String kept(@Nullable String text) {
    if (text == null) {
      return null;
    }
    // counted anew: what a turn that went out, or a later answer, has given up has room again
    int held = turns.values().stream().mapToInt(Turn::chars).sum();
    return held + text.length() > TEXT_LIMIT_CHARS ? null : text;
  }

  /**
   * @param cwd of the hooks
   */
  record Told(String prompt, List<Observation> observations, Optional<String> cwd) {}

  /** The prompt of the first turn of which there is something to tell, if it is over. */
  Optional<String> over(Circumstances now, boolean sessionOver) {
    awaitingSpool = false;
    while (!turns.isEmpty()) {
      var first = turns.entrySet().iterator().next();
      if (!over(first.getValue(), now, sessionOver)) {
        return Optional.empty();
      }
      if (!first.getValue().empty()) {
        return Optional.of(first.getKey());
      }
      drop(first.getKey());
    }
    return Optional.empty();
  }

  private boolean over(Turn turn, Circumstances now, boolean sessionOver) {
    if (now.agentGone() || now.idle()) {
      return true;
    }
    boolean later = turns.values().stream().skip(1).anyMatch(other -> other.submitted);
    boolean followed = sessionOver || later;
    if (!now.patient() || !(turn.stopped || followed)) {
      return false;
    }
    // a hook that found no daemon, or a busy one, lies in the spool with the prompt or answer in it
    awaitingSpool = !(turn.submitted && turn.stopped) && !now.heard();
    return !awaitingSpool;
  }

  /** The first turn would be over but for what the spool may hold of it. */
  boolean awaitingSpool() {
    return awaitingSpool && any();
  }

  void drop(String prompt) {
    turns.remove(prompt);
    told.add(prompt);
    if (told.size() > TOLD_LIMIT) {
      told.remove(told.iterator().next());
    }
  }

  Told take(String prompt, TraceSeed seed) {
    Turn turn = turns.get(prompt);
    if (turn != null) {
      turn.tools
          .values()
          .forEach(tool -> turn.end = Math.max(turn.end, Math.max(tool.start, tool.end)));
      turn.end = Math.max(turn.end, turn.start);
    }
    if (turn == null) {
      throw new IllegalStateException("no turn for prompt " + prompt);
    }
    var root = seed.span(SpanKind.TURN, prompt);
    var all = new ArrayList<Observation>();
    turn.tools.forEach(
        (id, tool) -> {
          var metadata = new LinkedHashMap<String, String>();
          put(metadata, "agent_id", tool.agent);
          Observations.putCount(metadata, "execution_ms", tool.duration);
          Level level = tool.failed ? Level.ERROR : tool.ended ? Level.DEFAULT : Level.WARNING;
          var frame =
              new Frame(
                  seed.span(SpanKind.TOOL, id),
                  root,
                  tool.name,
                  Instant.ofEpochMilli(tool.start),
                  Instant.ofEpochMilli(tool.ended ? tool.end : turn.end),
                  level,
                  tool.failed ? tool.output : null,
                  metadata);
          all.add(
              new Observation.ToolCall(
                  frame,
                  id,
                  tool.input == null
                      ? Content.NONE
                      : new Content.Json(ContentKind.TOOL_INPUT, tool.input),
                  tool.output == null
                      ? Content.NONE
                      : new Content.Text(ContentKind.TOOL_OUTPUT, tool.output)));
        });
    boolean failed = turn.failure != null;
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("degraded", "no transcript");
    metadata.put("prompt_id", prompt);
    metadata.put("outcome", failed ? "failed" : turn.stopped ? "completed" : "interrupted");
    put(metadata, "error", turn.failure);
    var frame =
        new Frame(
            root,
            null,
            "claude-code turn",
            Instant.ofEpochMilli(turn.start),
            Instant.ofEpochMilli(turn.end),
            failed ? Level.ERROR : turn.stopped ? Level.DEFAULT : Level.WARNING,
            failed
                ? (turn.answer == null ? turn.failure : turn.answer)
                : turn.stopped ? null : "ended before it had an answer",
            metadata);
    all.add(
        new Observation.AgentSpan(
            frame,
            turn.prompt == null ? Content.NONE : Content.prompt(turn.prompt),
            failed || turn.answer == null ? Content.NONE : Content.answer(turn.answer)));
    return new Told(prompt, all, Optional.ofNullable(turn.cwd));
  }

  void write(ObjectNode carry) {
    told.forEach(carry.putArray("told")::add);
    ObjectNode all = carry.putObject("hookTurns");
    turns.forEach(
        (prompt, turn) -> {
          ObjectNode node = all.putObject(prompt);
          node.put("start", turn.start).put("end", turn.end).put("prompt", turn.prompt);
          node.put("answer", turn.answer).put("failure", turn.failure).put("cwd", turn.cwd);
          node.put("submitted", turn.submitted).put("stopped", turn.stopped);
          ObjectNode tools = node.putObject("tools");
          turn.tools.forEach(
              (id, tool) -> {
                ObjectNode t = tools.putObject(id);
                t.put("name", tool.name).put("start", tool.start).put("end", tool.end);
                t.put("duration", tool.duration).put("failed", tool.failed);
                t.put("ended", tool.ended).put("input", tool.input).put("output", tool.output);
                t.put("agent", tool.agent);
              });
        });
  }

  void read(JsonNode carry) {
    carry.path("told").forEach(prompt -> told.add(prompt.asText()));
    for (var field : carry.path("hookTurns").properties()) {
      JsonNode node = field.getValue();
      var turn = new Turn();
      turn.start = node.path("start").asLong();
      turn.end = node.path("end").asLong();
      turn.prompt = HookFacts.string(node.path("prompt"));
      turn.answer = HookFacts.string(node.path("answer"));
      turn.failure = HookFacts.string(node.path("failure"));
      turn.cwd = HookFacts.string(node.path("cwd"));
      turn.submitted = node.path("submitted").asBoolean();
      turn.stopped = node.path("stopped").asBoolean();
      for (var toolField : node.path("tools").properties()) {
        JsonNode t = toolField.getValue();
        var tool = new Tool();
        tool.name = t.path("name").asText("tool");
        tool.start = t.path("start").asLong();
        tool.end = t.path("end").asLong();
        tool.duration = t.path("duration").asLong(-1);
        tool.failed = t.path("failed").asBoolean();
        tool.ended = t.path("ended").asBoolean();
        tool.input = HookFacts.string(t.path("input"));
        tool.output = HookFacts.string(t.path("output"));
        tool.agent = HookFacts.string(t.path("agent"));
        turn.tools.put(toolField.getKey(), tool);
      }
      turns.put(field.getKey(), turn);
    }
  }
}
