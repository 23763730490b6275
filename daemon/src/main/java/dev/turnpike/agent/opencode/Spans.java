package dev.turnpike.agent.opencode;

import dev.turnpike.agent.opencode.Conversation.Permission;
import dev.turnpike.agent.opencode.SessionFacts.Retry;
import dev.turnpike.agent.opencode.Turns.Kind;
import dev.turnpike.agent.opencode.Turns.Turn;
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
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes observations of a turn: turn &gt; generation, tool call, retry; tool call &gt; sub-agent.
 */
final class Spans {
  private static final int LIMIT_DEPTH = 16;

  private final TraceSeed seed;
  private final Conversation conversation;
  private final List<Observation> all = new ArrayList<>();
  private final Set<SpanId> ids = new HashSet<>();

  Spans(TraceSeed seed, Conversation conversation) {
    this.seed = seed;
    this.conversation = conversation;
  }

  List<Observation> all() {
    return all;
  }

  void turn(Turn turn, Outcome outcome) {
    SpanId id = seed.span(SpanKind.TURN, turn.opener().id);
    Instant end = children(turn, id, 0);
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("outcome", outcome.word());
    switch (turn.kind()) {
      case SHELL -> metadata.put("kind", "user_shell");
      case COMPACTION -> metadata.put("kind", "manual_compaction");
      case CONTINUED -> metadata.put("kind", "continuation");
      case PROMPT, UNKNOWN -> {}
    }
    put(metadata, "opencode_agent", turn.opener().agent());
    span(id, null, "opencode turn", turn, end, outcome, metadata);
  }

  private void subAgent(Turn run, SpanId call, int depth) {
    SpanId id = seed.span(SpanKind.AGENT, run.opener().id);
    if (ids.contains(id)) {
      return;
    }
    Instant end = children(run, id, depth);
    String agent = run.opener().agent();
    var metadata = new LinkedHashMap<String, String>();
    Outcome outcome = Outcome.of(conversation, run, true);
    metadata.put("outcome", outcome.word());
    put(metadata, "agent_session_id", run.opener().session);
    span(id, call, agent.isEmpty() ? "sub-agent" : agent, run, end, outcome, metadata);
  }

  private void span(
      SpanId id,
      @Nullable SpanId parent,
      String name,
      Turn turn,
      Instant end,
      Outcome outcome,
      Map<String, String> metadata) {
    var frame =
        new Frame(
            id, parent, name, turn.created(), end, outcome.level(), outcome.status(), metadata);
    add(new Observation.AgentSpan(frame, input(turn), answer(outcome.output())));
  }

  /** Gives the latest moment of anything below the span. */
  private Instant children(Turn turn, SpanId parent, int depth) {
    Instant end = turn.created();
    List<ChatPart> tools = Scope.tools(turn);
    Retries retries = new Retries(conversation, turn);
    @Nullable ChatMessage before = null;
    for (var call : turn.calls()) {
      if (turn.kind() != Kind.SHELL) {
        var input = given(turn, call, before);
        add(new Generations(seed, conversation).of(call, parent, input, retries.of(call).size()));
      }
      for (Retry retry : retries.of(call)) {
        add(retry(retry, parent));
      }
      for (var part : call.parts()) {
        if (part.type.equals("tool")) {
          end = later(end, tool(call, part, parent, tools, depth));
        }
      }
      end = later(end, call.latest());
      before = call;
    }
    return end;
  }

  private Instant tool(
      ChatMessage call, ChatPart tool, SpanId parent, List<ChatPart> others, int depth) {
    SpanId id = seed.span(SpanKind.TOOL, tool.id);
    Instant below = Instant.EPOCH;
    if (depth < LIMIT_DEPTH) {
      for (Turn run : Turns.launched(conversation, tool, others)) {
        subAgent(run, id, depth + 1);
        for (var message : Scope.everything(conversation, run)) {
          below = later(below, message.latest());
        }
      }
    }
    Instant start = tool.start() == null ? tool.first() : tool.start();
    Instant end = tool.end() == null ? later(tool.latest(), below) : tool.end();
    Permission permission = conversation.permission(tool.callId());
    add(
        new Observation.ToolCall(
            ToolSpan.frame(id, parent, call, tool, start, end, permission),
            tool.callId(),
            new Content.Json(ContentKind.TOOL_INPUT, tool.state().path("input").toString()),
            ToolSpan.output(tool)));
    return later(end, below);
  }

  private Observation retry(Retry retry, SpanId parent) {
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("attempt", Long.toString(retry.attempt()));
    if (retry.nextMillis() > retry.at().toEpochMilli()) {
      Duration wait = Duration.between(retry.at(), Instant.ofEpochMilli(retry.nextMillis()));
      metadata.put("retry_in_ms", Long.toString(wait.toMillis()));
    }
    var frame =
        new Frame(
            seed.span(SpanKind.NOTE, retry.event()),
            parent,
            "api_error",
            retry.at(),
            retry.at(),
            Level.WARNING,
            Outcome.said("retried", retry.message()),
            metadata);
    return new Observation.Note(frame, Content.NONE, Content.NONE);
  }

  private void add(Observation observation) {
    if (ids.add(observation.frame().id())) {
      all.add(observation);
    }
  }

  /**
   * What the model was given since its last call: the user's message, or the results of the tools
   * it had asked for.
   */
  private List<Part> given(Turn turn, ChatMessage call, @Nullable ChatMessage before) {
    var parts = new ArrayList<Part>();
    if (before != null) {
      for (var part : before.parts()) {
        if (part.type.equals("tool")) {
          boolean error = part.status().equals("error") || part.invalid();
          parts.add(new Part.ToolResult(part.callId(), ToolSpan.text(part), error));
        }
      }
    }
    if (before == null || !String.valueOf(before.parent()).equals(call.parent())) {
      opener(turn, call).ifPresent(user -> parts.addAll(prompt(user, true)));
    }
    return parts;
  }

  private static Optional<ChatMessage> opener(Turn turn, ChatMessage call) {
    return Stream.concat(Stream.of(turn.opener()), turn.absorbed().stream())
        .filter(user -> user.id.equals(call.parent()))
        .findFirst();
  }

  private static List<Part> prompt(ChatMessage user, boolean synthetic) {
    var parts = new ArrayList<Part>();
    for (var part : user.parts()) {
      if (part.type.equals("text") && !part.text().isEmpty() && (synthetic || !part.synthetic())) {
        parts.add(new Part.Text(ContentKind.PROMPT, part.text()));
      } else if (part.type.equals("subtask")) {
        String text = Json.text(part.node(), "prompt", "");
        parts.add(new Part.Text(ContentKind.PROMPT, text));
      } else if (part.type.equals("file")) {
        String url = Json.text(part.node(), "url", "");
        parts.add(new Part.Media(Json.text(part.node(), "mime", "file"), bytes(url)));
      }
    }
    return parts;
  }

  /** The plugin leaves the length of a data URI in its place: {@code data:,12345}. */
  private static long bytes(String url) {
    return url.matches("data:,\\d{1,12}") ? Long.parseLong(url.substring(6)) * 3 / 4 : 0;
  }

  private static Content input(Turn turn) {
    if (turn.kind() == Kind.SHELL) {
      return Scope.tools(turn).stream()
          .findFirst()
          .map(tool -> Json.text(tool.state().path("input"), "command", ""))
          .map(command -> Content.prompt("!" + command))
          .orElse(Content.NONE);
    }
    List<Part> parts = prompt(turn.opener(), turn.kind() == Kind.CONTINUED);
    if (parts.isEmpty()) {
      return Content.NONE;
    }
    if (parts.stream().allMatch(Part.Text.class::isInstance)) {
      return Content.prompt(
          parts.stream().map(part -> ((Part.Text) part).text()).collect(Collectors.joining("\n")));
    }
    return new Content.Messages(List.of(new Message("user", parts)));
  }

  private static Content answer(String text) {
    return text.isEmpty() ? Content.NONE : Content.answer(text);
  }

  static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }

  static void put(Map<String, String> metadata, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      metadata.put(key, value.length() <= 200 ? value : value.substring(0, 200));
    }
  }
}
