package dev.turnpike.agent.copilot;

import com.fasterxml.jackson.databind.JsonNode;
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
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TraceSeed;
import dev.turnpike.model.Usage;
import dev.turnpike.model.Usage.Bucket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes observations of a turn's rows in the session file. */
final class FileSpans {
  private final TraceSeed seed;
  private final FileTurn turn;
  private final SpanId root;
  private final Map<String, JsonNode> usage = new HashMap<>();
  private final Map<String, JsonNode> completed = new HashMap<>();
  private final Map<String, JsonNode> subAgentEnds = new HashMap<>();

  /** Where the model calls stand in {@link #all}, by their ids. */
  private final Map<String, Integer> calls = new HashMap<>();

  /** What the next model call of an agent is given; by agent, "" is the main one. */
  private final Map<String, List<Part>> pending = new HashMap<>();

  private final Map<String, Instant> callStarts = new HashMap<>();
  private final List<Observation> all = new ArrayList<>();
  private Instant end;
  private Level level = Level.DEFAULT;
  private @Nullable String status;
  private String answer = "";

  FileSpans(TraceSeed seed, FileTurn turn) {
    this.seed = seed;
    this.turn = turn;
    this.root = seed.span(SpanKind.TURN, turn.key().value());
    this.end = turn.started();
    for (JsonNode row : turn.rows()) {
      JsonNode data = row.path("data");
      switch (row.path("type").asText("")) {
        case "session.usage_record" -> usage.put(apiCall(data.path("usage")), row);
        case "tool.execution_complete" -> completed.put(data.path("toolCallId").asText(""), row);
        case "subagent.completed", "subagent.failed" -> subAgentEnds.put(agent(row), row);
        default -> {}
      }
    }
    pending
        .computeIfAbsent("", main -> new ArrayList<>())
        .add(new Part.Text(ContentKind.PROMPT, turn.prompt()));
    turn.rows().forEach(this::row);
    finish();
  }

  TraceId trace() {
    return seed.traceId();
  }

  List<Observation> all() {
    return all;
  }

  private static String agent(JsonNode row) {
    return row.path("agentId").asText("");
  }

  private static String apiCall(JsonNode data) {
    return data.path("apiCallId").asText("");
  }

  /** The span a row's agent has. */
  private SpanId owner(JsonNode row) {
    return agent(row).isEmpty() ? root : seed.span(SpanKind.AGENT, agent(row));
  }

  private void row(JsonNode row) {
    JsonNode data = row.path("data");
    Instant at = FileTurn.at(row);
    if (at.isAfter(end)) {
      end = at;
    }
    switch (row.path("type").asText("")) {
      case "assistant.turn_start" -> callStarts.put(agent(row), at);
      case "assistant.message" -> message(row, data, at);
      case "tool.execution_start" -> tool(row, data, at);
      case "tool.execution_complete" ->
          pending
              .computeIfAbsent(agent(row), same -> new ArrayList<>())
              .add(
                  new Part.ToolResult(
                      data.path("toolCallId").asText(""),
                      result(data).orElse(""),
                      !data.path("success").asBoolean(true)));
      case "subagent.started" -> subAgent(row, data, at);
      case "session.error" -> {
        level = Level.ERROR;
        status = data.path("message").asText("session error");
      }
      case "abort" -> {
        level = Level.WARNING;
        status = "aborted: " + data.path("reason").asText("by the user");
      }
      default -> {}
    }
  }

  /** A response is one message, or several with the id of the call: one for each reasoning. */
  private void message(JsonNode row, JsonNode data, Instant at) {
    @Nullable Integer before = calls.get(apiCall(data));
    if (before != null && all.get(before) instanceof Observation.Generation call) {
      all.set(before, continued(call, output(data), at));
    } else {
      if (!apiCall(data).isEmpty()) {
        calls.put(apiCall(data), all.size());
      }
      call(row, data, at);
    }
    String text = data.path("content").asText("");
    if (agent(row).isEmpty() && !text.isBlank()) {
      answer = before == null || answer.isEmpty() ? text : answer + "\n" + text;
    }
  }

  private static Observation continued(Observation.Generation call, List<Part> more, Instant at) {
    var parts = new ArrayList<Part>();
    if (call.output() instanceof Content.Messages(var said)) {
      said.forEach(message -> parts.addAll(message.parts()));
    }
    parts.addAll(more);
    Frame frame = call.frame();
    return new Observation.Generation(
        new Frame(
            frame.id(),
            frame.parent(),
            frame.name(),
            frame.start(),
            at,
            frame.level(),
            frame.statusMessage(),
            frame.metadata()),
        call.input(),
        messages("assistant", parts),
        call.model(),
        call.modelParameters(),
        call.usage(),
        call.costUsd(),
        call.completionStart());
  }

  private static Content messages(String role, List<Part> parts) {
    return parts.isEmpty() ? Content.NONE : new Content.Messages(List.of(new Message(role, parts)));
  }

  private void call(JsonNode row, JsonNode data, Instant at) {
    @Nullable JsonNode record = apiCall(data).isEmpty() ? null : usage.get(apiCall(data));
    JsonNode counted = record == null ? data.path("none") : record.path("data").path("usage");
    Instant start = callStarts.getOrDefault(agent(row), at);
    if (record != null && counted.has("duration")) {
      start = FileTurn.at(record).minusMillis(Math.max(0, counted.path("duration").asLong()));
    }
    Optional<ModelName> model =
        Optional.of(data.path("model").asText("")).filter(m -> !m.isBlank()).map(ModelName::of);
    var metadata = new LinkedHashMap<String, String>();
    put(metadata, "request_id", data.path("apiCallId"));
    put(metadata, "stop_reason", counted.path("finishReason"));
    put(metadata, "initiator", counted.path("initiator"));
    model.filter(ModelName::changed).ifPresent(name -> metadata.put("model_raw", name.raw()));
    List<Part> input = pending.getOrDefault(agent(row), List.of());
    pending.remove(agent(row));
    @Nullable Instant first = null;
    if (counted.has("timeToFirstTokenMs")) {
      first = start.plusNanos((long) (counted.path("timeToFirstTokenMs").asDouble() * 1e6));
    }
    all.add(
        new Observation.Generation(
            new Frame(
                seed.span(SpanKind.GENERATION, data.path("messageId").asText("")),
                owner(row),
                model.map(ModelName::normal).orElse("model call"),
                start,
                at,
                Level.DEFAULT,
                null,
                metadata),
            messages("user", input),
            messages("assistant", output(data)),
            model.map(ModelName::normal).orElse(null),
            Map.of(),
            usage(counted),
            null,
            first));
  }

  private static List<Part> output(JsonNode data) {
    var parts = new ArrayList<Part>();
    String reasoning = data.path("reasoningText").asText("");
    if (!reasoning.isBlank()) {
      parts.add(new Part.Reasoning(reasoning));
    }
    String text = data.path("content").asText("");
    if (!text.isEmpty()) {
      parts.add(new Part.Text(ContentKind.ANSWER, text));
    }
    for (JsonNode asked : data.path("toolRequests")) {
      parts.add(
          new Part.ToolUse(
              asked.path("toolCallId").asText(""),
              asked.path("name").asText("tool"),
              json(asked.path("arguments"))));
    }
    return parts;
  }

  private static String json(JsonNode arguments) {
    return arguments.isTextual() ? arguments.asText() : arguments.toString();
  }

  /** inputTokens includes the cache, outputTokens includes reasoning. */
  private static @Nullable Usage usage(JsonNode counted) {
    if (!counted.has("inputTokens") && !counted.has("outputTokens")) {
      return null;
    }
    long read = Math.max(0, counted.path("cacheReadTokens").asLong(0));
    long written = Math.max(0, counted.path("cacheWriteTokens").asLong(0));
    long reasoning = Math.max(0, counted.path("reasoningTokens").asLong(0));
    var buckets = new EnumMap<Bucket, Long>(Bucket.class);
    buckets.put(Bucket.INPUT, Math.max(0, counted.path("inputTokens").asLong(0) - read - written));
    buckets.put(Bucket.OUTPUT, Math.max(0, counted.path("outputTokens").asLong(0) - reasoning));
    buckets.put(Bucket.INPUT_CACHED, read);
    buckets.put(Bucket.INPUT_CACHE_CREATION, written);
    buckets.put(Bucket.OUTPUT_REASONING, reasoning);
    buckets.values().removeIf(count -> count == 0);
    return new Usage(buckets);
  }

  private void tool(JsonNode row, JsonNode data, Instant at) {
    String id = data.path("toolCallId").asText("");
    @Nullable JsonNode done = completed.get(id);
    JsonNode outcome = done == null ? data.path("none") : done.path("data");
    boolean failed = done != null && !outcome.path("success").asBoolean(true);
    int exit = outcome.path("shellExecution").path("exitCode").asInt(0);
    Level how = failed ? Level.ERROR : done == null || exit != 0 ? Level.WARNING : Level.DEFAULT;
    @Nullable String why =
        failed
            ? outcome.path("error").path("message").asText("failed")
            : done == null ? "ended before its result" : exit != 0 ? "exit code " + exit : null;
    var metadata = new LinkedHashMap<String, String>();
    if (outcome.path("shellExecution").has("exitCode")) {
      metadata.put("exit_code", Integer.toString(exit));
    }
    put(metadata, "error_type", outcome.path("error").path("code"));
    all.add(
        new Observation.ToolCall(
            new Frame(
                seed.span(SpanKind.TOOL, id),
                owner(row),
                data.path("toolName").asText("tool"),
                at,
                done == null ? at : FileTurn.at(done),
                how,
                why,
                metadata),
            id,
            data.has("arguments")
                ? new Content.Json(ContentKind.TOOL_INPUT, json(data.path("arguments")))
                : Content.NONE,
            result(outcome)
                .<Content>map(text -> new Content.Text(ContentKind.TOOL_OUTPUT, text))
                .orElse(Content.NONE)));
  }

  private static Optional<String> result(JsonNode data) {
    String text = data.path("result").path("content").asText("");
    return Optional.of(text.isEmpty() ? data.path("error").path("message").asText("") : text)
        .filter(some -> !some.isEmpty());
  }

  private void subAgent(JsonNode row, JsonNode data, Instant at) {
    String tool = data.path("toolCallId").asText("");
    String asked = "";
    String said = "";
    for (JsonNode other : turn.rows()) {
      JsonNode its = other.path("data");
      switch (other.path("type").asText("")) {
        case "tool.execution_start" -> {
          if (its.path("toolCallId").asText("").equals(tool)) {
            asked = its.path("arguments").path("prompt").asText("");
          }
        }
        case "assistant.message" -> {
          if (agent(other).equals(agent(row)) && !its.path("content").asText("").isBlank()) {
            said = its.path("content").asText();
          }
        }
        default -> {}
      }
    }
    if (!asked.isEmpty()) {
      pending
          .computeIfAbsent(agent(row), same -> new ArrayList<>())
          .add(new Part.Text(ContentKind.PROMPT, asked));
    }
    @Nullable JsonNode done = subAgentEnds.get(agent(row));
    @Nullable String failure =
        done != null && done.path("type").asText("").equals("subagent.failed")
            ? done.path("data").path("error").asText("failed")
            : null;
    boolean cancelled = done != null && done.path("data").path("cancelled").asBoolean(false);
    @Nullable String cut =
        done == null ? "ended before it was done" : cancelled ? "cancelled" : null;
    all.add(
        new Observation.AgentSpan(
            new Frame(
                seed.span(SpanKind.AGENT, agent(row)),
                seed.span(SpanKind.TOOL, tool),
                data.path("agentName").asText("agent"),
                at,
                done == null ? at : FileTurn.at(done),
                failure != null ? Level.ERROR : cut != null ? Level.WARNING : Level.DEFAULT,
                failure != null ? failure : cut,
                Map.of()),
            asked.isEmpty() ? Content.NONE : Content.prompt(asked),
            said.isEmpty() ? Content.NONE : Content.answer(said)));
  }

  private void finish() {
    if (level == Level.DEFAULT && !turn.stopped) {
      level = Level.WARNING;
      status = "ended before the agent was done";
    }
    all.addFirst(
        new Observation.AgentSpan(
            new Frame(
                root,
                null,
                Copilot.ID + " turn",
                turn.started(),
                end,
                level,
                status,
                Map.of("interaction_id", turn.key().value())),
            Content.prompt(turn.prompt()),
            answer.isEmpty() || level == Level.ERROR ? Content.NONE : Content.answer(answer)));
  }

  private static void put(Map<String, String> metadata, String key, JsonNode value) {
    if (value.isValueNode() && !value.isNull() && !value.asText().isBlank()) {
      metadata.put(key, value.asText());
    }
  }
}
