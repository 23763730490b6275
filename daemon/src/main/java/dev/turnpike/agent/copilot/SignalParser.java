package dev.turnpike.agent.copilot;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.HookClues;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Foreign;
import dev.turnpike.agent.Interpretation.Ignored;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import dev.turnpike.model.SessionId;
import dev.turnpike.otlp.SpanEnvelope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads events: spans from the receiver, and hook payloads in both of the CLI's spellings.
 *
 * <pre>
 *   {"sessionId":"...","timestamp":1795179678834,"cwd":"...","prompt":"...","traceparent":"00-..."}
 *   {"hook_event_name":"UserPromptSubmit","session_id":"...","timestamp":"2026-11-20T13:02:44.642Z"}
 * </pre>
 *
 * The first has no name in it: the hook client is told one.
 */
final class SignalParser {
  private static final int LIMIT_TEXT_CHARS = 4096;
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*");

  Interpretation<CopilotSignal> interpret(Event event) {
    if (event.body().size() == 0) {
      return new Malformed<>("event.malformed.empty");
    }
    try {
      return SpanEnvelope.EVENT_NAME.equals(event.caller().eventName())
          ? spans(event)
          : hook(event);
    } catch (IOException e) {
      return new Malformed<>("event.malformed.unreadable");
    }
  }

  private static Interpretation<CopilotSignal> spans(Event event) throws IOException {
    try (InputStream body = event.body().open()) {
      return SpanEnvelope.head(body)
          .<Interpretation<CopilotSignal>>map(
              head ->
                  new Understood<>(
                      new CopilotSignal(
                          head.session(),
                          head.root() ? Moment.TURN_ENDED : Moment.ACTIVITY,
                          Optional.of(head.trace().hex()),
                          null)))
          .orElseGet(() -> new Malformed<>("event.malformed.spans"));
    }
  }

  private static Interpretation<CopilotSignal> hook(Event event) throws IOException {
    Map<String, String> fields = fields(event);
    String session = fields.getOrDefault("sessionid", "");
    Optional<AgentId> owner =
        HookClues.of(fields, fields.getOrDefault("hookeventname", event.caller().eventName()))
            .owner(event.caller());
    if (owner.isPresent() && !owner.get().equals(Copilot.ID)) {
      return new Foreign<>(owner.get());
    }
    if (!SessionId.isWellFormed(session)) {
      return new Malformed<>("event.malformed.no_session");
    }
    // an argument of the hook client; the PascalCase form says it itself
    String said = fields.getOrDefault("hookeventname", event.caller().eventName());
    String name = name(said == null ? "" : said);
    if (fields.containsKey("agentid") && !name.startsWith("subagent")) {
      // a sub-agent's own: its prompt and its end are none of the session's
      return new Ignored<>("event.subagent");
    }
    if (name.isEmpty()) {
      return new Ignored<>("event.unknown");
    }
    Optional<String> trace = trace(fields.getOrDefault("traceparent", ""));
    long at = time(fields.getOrDefault("timestamp", ""));
    Optional<String> prompt =
        trace.or(
            () ->
                name.equals("userPromptSubmitted") && at > 0
                    ? Optional.of(promptId(at))
                    : Optional.empty());
    var hook =
        new CopilotSignal.Hook(
            name, at, trace.isPresent(), fields.get("cwd"), file(fields.get("transcriptpath")));
    return new Understood<>(new CopilotSignal(new SessionId(session), moment(name), prompt, hook));
  }

  static String promptId(long at) {
    return "prompt-" + at;
  }

  /**
   * The top level's short texts and numbers; names without underscores, in small letters, and those
   * that tell other agents apart as they are.
   */
  private static Map<String, String> fields(Event event) throws IOException {
    var fields = new HashMap<String, String>();
    try (JsonParser in = AgentJson.MAPPER.createParser(event.body().open())) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        return fields;
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String spelled = in.currentName();
        String name = spelled.replace("_", "").toLowerCase(Locale.ROOT);
        JsonToken value = in.nextToken();
        if (value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT) {
          String text = in.getText();
          if (text.length() <= LIMIT_TEXT_CHARS) {
            fields.put(name, text);
            if (HookClues.FIELDS.contains(spelled)) {
              fields.put(spelled, text);
            }
          }
        } else if (spelled.equals("workspace_roots")) {
          fields.put(spelled, "");
          in.skipChildren();
        } else {
          in.skipChildren();
        }
      }
    }
    return fields;
  }

  /** In the camelCase spelling; empty for one that is of no use. */
  private static String name(String said) {
    return switch (said) {
      case "sessionStart", "SessionStart" -> "sessionStart";
      case "userPromptSubmitted", "UserPromptSubmit" -> "userPromptSubmitted";
      case "agentStop", "Stop" -> "agentStop";
      case "subagentStart", "SubagentStart" -> "subagentStart";
      case "subagentStop", "SubagentStop" -> "subagentStop";
      case "errorOccurred", "ErrorOccurred" -> "errorOccurred";
      case "sessionEnd", "SessionEnd" -> "sessionEnd";
      case "preToolUse", "PreToolUse" -> "preToolUse";
      case "postToolUse", "PostToolUse" -> "postToolUse";
      case "postToolUseFailure", "PostToolUseFailure" -> "postToolUseFailure";
      case "permissionRequest", "PermissionRequest" -> "permissionRequest";
      default -> "";
    };
  }

  private static Moment moment(String name) {
    return switch (name) {
      case "sessionStart" -> Moment.SESSION_STARTED;
      case "userPromptSubmitted" -> Moment.PROMPT_SUBMITTED;
      case "agentStop" -> Moment.TURN_ENDED;
      case "sessionEnd" -> Moment.SESSION_ENDED;
      default -> Moment.ACTIVITY;
    };
  }

  static Optional<String> trace(String traceparent) {
    Matcher matcher = TRACEPARENT.matcher(traceparent);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static long time(String text) {
    if (text.matches("\\d{1,15}")) {
      return Long.parseLong(text);
    }
    try {
      return Instant.parse(text).toEpochMilli();
    } catch (DateTimeException e) {
      return 0;
    }
  }

  private static @Nullable Path file(@Nullable String text) {
    if (text == null || !text.endsWith("/events.jsonl") || !text.contains("/session-state/")) {
      return null;
    }
    try {
      Path path = Path.of(text);
      return path.isAbsolute() && path.equals(path.normalize()) ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }
}
