package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.HookClues;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Foreign;
import dev.turnpike.agent.Interpretation.Ignored;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.Event;
import dev.turnpike.model.SessionId;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads hook payloads as a stream, keeping what is small: a payload may be 16 MiB (a tool's whole
 * output) and may have been cut, so whatever came before the cut counts. Payload form: Claude Code
 * 2.1.329, contracts/claude-code.md section 1.
 */
final class SignalParser {
  static final int TEXT_LIMIT_CHARS = 64 * 1024;
  static final int TOOL_LIMIT_CHARS = 16 * 1024;

  /**
   * Above this size a tool's input and output are passed over instead of being held in memory to be
   * cut.
   */
  static final long TREE_LIMIT_BYTES = 1024 * 1024;

  private static final Set<String> TEXTS =
      Set.of(
          "session_id",
          "hook_event_name",
          "prompt_id",
          "transcript_path",
          "source",
          "reason",
          "agent_id",
          "agent_type",
          "agent_transcript_path",
          "tool_use_id",
          "tool_name",
          "error",
          "prompt",
          "last_assistant_message",
          "trigger");

  private static final Map<String, Moment> MOMENTS =
      Map.ofEntries(
          Map.entry("SessionStart", Moment.SESSION_STARTED),
          Map.entry("UserPromptSubmit", Moment.PROMPT_SUBMITTED),
          Map.entry("Stop", Moment.TURN_ENDED),
          Map.entry("StopFailure", Moment.TURN_ENDED),
          Map.entry("SubagentStop", Moment.TURN_ENDED),
          Map.entry("SessionEnd", Moment.SESSION_ENDED),
          Map.entry("UserPromptExpansion", Moment.ACTIVITY),
          Map.entry("PreToolUse", Moment.ACTIVITY),
          Map.entry("PostToolUse", Moment.ACTIVITY),
          Map.entry("PostToolUseFailure", Moment.ACTIVITY),
          Map.entry("SubagentStart", Moment.ACTIVITY),
          Map.entry("PreCompact", Moment.ACTIVITY),
          Map.entry("PostCompact", Moment.ACTIVITY),
          Map.entry("Notification", Moment.ACTIVITY),
          Map.entry("PermissionRequest", Moment.ACTIVITY),
          Map.entry("PermissionDenied", Moment.ACTIVITY),
          Map.entry("PostModelSwitch", Moment.ACTIVITY));

  Interpretation<ClaudeSignal> interpret(Event event) {
    if (event.body().size() == 0) {
      return new Malformed<>("event.malformed.empty");
    }
    var fields = new Fields();
    boolean whole = true;
    try (var parser = AgentJson.MAPPER.createParser(event.body().open())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Malformed<>("event.malformed.not_an_object");
      }
      read(parser, event.body().size(), fields);
    } catch (IOException e) {
      // Cut by the client's limit, or garbage: what was read so far decides.
      whole = false;
    }
    return understand(fields, event.caller(), whole);
  }

  private static final class Fields {
    final Map<String, String> texts = new HashMap<>();
    long durationMillis = -1;
    boolean interrupted;
    @Nullable String mcpServer;
    @Nullable String toolInput;
    @Nullable String toolOutput;

    @Nullable String text(String name) {
      return texts.get(name);
    }
  }

  private void read(JsonParser parser, long size, Fields fields) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean text = TEXTS.contains(name) || HookClues.FIELDS.contains(name);
      if (text && value == JsonToken.VALUE_STRING) {
        fields.texts.putIfAbsent(name, cut(parser.getText(), TEXT_LIMIT_CHARS));
      } else if (name.equals("duration_ms") && value == JsonToken.VALUE_NUMBER_INT) {
        fields.durationMillis = parser.getLongValue();
      } else if (name.equals("is_interrupt")) {
        fields.interrupted = value == JsonToken.VALUE_TRUE;
      } else if (name.equals("workspace_roots")) {
        fields.texts.put(name, "");
        parser.skipChildren();
      } else if (name.equals("mcp_server") && value == JsonToken.START_OBJECT) {
        JsonNode server = AgentJson.MAPPER.readTree(parser);
        fields.mcpServer = server.path("name").isTextual() ? server.path("name").asText() : null;
      } else if (name.equals("tool_input")) {
        fields.toolInput = small(parser, size, true);
      } else if (name.equals("tool_response")) {
        fields.toolOutput = small(parser, size, false);
      } else {
        parser.skipChildren();
      }
    }
  }

  private @Nullable String small(JsonParser parser, long size, boolean json) throws IOException {
    if (size > TREE_LIMIT_BYTES) {
      parser.skipChildren();
      return null;
    }
    JsonNode node = AgentJson.MAPPER.readTree(parser);
    String text = node.isTextual() && !json ? node.asText() : node.toString();
    // A cut piece of JSON is no JSON: an input is kept whole or not at all.
    return json && text.length() > TOOL_LIMIT_CHARS ? null : cut(text, TOOL_LIMIT_CHARS);
  }

  private static Interpretation<ClaudeSignal> understand(Fields f, Caller caller, boolean whole) {
    String name = f.text("hook_event_name");
    if (name == null) {
      name = caller.eventName();
    }
    String session = f.text("session_id");
    Optional<AgentId> owner = HookClues.of(f.texts, name).owner(caller);
    if (owner.isPresent() && !owner.get().equals(ClaudeCode.ID)) {
      return new Foreign<>(owner.get());
    }
    if (session == null || !SessionId.isWellFormed(session)) {
      return new Malformed<>(whole ? "event.malformed.no_session" : "event.malformed.unreadable");
    }
    if (name == null) {
      return new Malformed<>("event.malformed.no_name");
    }
    Moment moment = MOMENTS.get(name);
    if (moment == null) {
      return new Ignored<>("event." + (name.matches("[A-Za-z]{1,40}") ? name : "unknown"));
    }
    String source =
        switch (name) {
          case "SessionEnd" -> f.text("reason");
          case "StopFailure" -> f.text("error");
          default -> f.text("source");
        };
    return new Understood<>(
        new ClaudeSignal(
            new SessionId(session),
            name,
            moment,
            f.text("prompt_id"),
            transcript(f.text("transcript_path")),
            pid(caller.environment()),
            source,
            f.text("prompt"),
            f.text("last_assistant_message"),
            agentFacts(f),
            toolFacts(f, name)));
  }

  private static ClaudeSignal.@Nullable AgentFacts agentFacts(Fields f) {
    String id = f.text("agent_id");
    if (id == null || !AgentName.isWellFormed(id)) {
      return null;
    }
    String type = f.text("agent_type");
    return new ClaudeSignal.AgentFacts(
        id, type == null ? "" : type, transcript(f.text("agent_transcript_path")));
  }

  private static ClaudeSignal.@Nullable ToolFacts toolFacts(Fields f, String event) {
    String id = f.text("tool_use_id");
    if (id == null) {
      return null;
    }
    String name = f.text("tool_name");
    boolean failed = event.equals("PostToolUseFailure");
    return new ClaudeSignal.ToolFacts(
        id,
        name == null ? "tool" : name,
        f.durationMillis,
        f.mcpServer,
        failed,
        f.interrupted,
        f.toolInput,
        failed ? f.text("error") : f.toolOutput);
  }

  /**
   * Relative and malformed paths count as absent. Whether an absolute one may be read is judged
   * where it is read.
   */
  private static @Nullable Path transcript(@Nullable String text) {
    if (text == null || !text.toLowerCase(Locale.ROOT).endsWith(".jsonl")) {
      return null;
    }
    try {
      Path path = Path.of(text);
      return path.isAbsolute() && path.equals(path.normalize()) ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** The parent of a hook may be a shell, so only what the CLI itself says counts. */
  private static OptionalLong pid(Map<String, String> environment) {
    String text = environment.get("CLAUDE_PID");
    return text != null && text.matches("[1-9][0-9]{0,9}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  static String cut(String text, int limitChars) {
    if (text.length() <= limitChars) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(limitChars - 1)) ? limitChars - 1 : limitChars;
    return text.substring(0, end);
  }
}
