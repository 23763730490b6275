package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.core.JsonToken;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.HookClues;
import dev.turnpike.agent.HookTexts;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Foreign;
import dev.turnpike.agent.Interpretation.Ignored;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.SessionId;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads hook payloads of Gemini CLI 0.61.0. Before about 0.40 a session was one JSON document that
 * was written anew each time; it is not read.
 *
 * <pre>
 *   {"session_id":"9ca46791-…","transcript_path":"/home/dev/.gemini/tmp/shop/chats/session-2026-…-9ca46791.jsonl","cwd":"/home/dev/shop",
 *    "hook_event_name":"SessionStart","timestamp":"2026-11-20T13:00:43.105Z","source":"startup"}
 * </pre>
 */
final class SignalParser {
  private static final Set<String> TEXTS =
      Set.of("session_id", "transcript_path", "cwd", "hook_event_name", "timestamp", "source");

  private static final Map<String, Moment> MOMENTS =
      Map.ofEntries(
          Map.entry("SessionStart", Moment.SESSION_STARTED),
          Map.entry("BeforeAgent", Moment.PROMPT_SUBMITTED),
          Map.entry("AfterAgent", Moment.TURN_ENDED),
          Map.entry("SessionEnd", Moment.SESSION_ENDED),
          // not registered by us, but a user may
          Map.entry("BeforeTool", Moment.ACTIVITY),
          Map.entry("AfterTool", Moment.ACTIVITY),
          Map.entry("BeforeModel", Moment.ACTIVITY),
          Map.entry("AfterModel", Moment.ACTIVITY),
          Map.entry("BeforeToolSelection", Moment.ACTIVITY),
          Map.entry("PreCompress", Moment.ACTIVITY),
          Map.entry("Notification", Moment.ACTIVITY));

  private final AgentProcess process;

  SignalParser(AgentProcess process) {
    this.process = process;
  }

  Interpretation<GeminiSignal> interpret(Event event) {
    if (event.body().size() == 0) {
      return new Malformed<>("event.malformed.empty");
    }
    HookTexts payload = HookTexts.read(event.body(), TEXTS);
    if (payload.whole() && !payload.object()) {
      return new Malformed<>("event.malformed.not_an_object");
    }
    return understood(event, payload);
  }

  private Interpretation<GeminiSignal> understood(Event event, HookTexts payload) {
    Map<String, String> texts = payload.texts();
    String name = texts.getOrDefault("hook_event_name", event.caller().eventName());
    String session = texts.get("session_id");
    Optional<AgentId> owner = HookClues.of(texts, name).owner(event.caller());
    if (owner.isPresent() && !owner.get().equals(GeminiCli.ID)) {
      return new Foreign<>(owner.get());
    }
    if (session == null || !SessionId.isWellFormed(session)) {
      return new Malformed<>(
          payload.whole() ? "event.malformed.no_session" : "event.malformed.unreadable");
    }
    if (name == null) {
      return new Malformed<>("event.malformed.no_name");
    }
    Moment moment = MOMENTS.get(name);
    if (moment == null) {
      return new Ignored<>("event." + (name.matches("[A-Za-z]{1,40}") ? name : "unknown"));
    }
    String source = texts.getOrDefault("source", "");
    var id = new SessionId(session);
    var agent = process.of(id, event.caller());
    return new Understood<>(
        new GeminiSignal(
            id,
            moment,
            at(texts.get("timestamp"), event.at()),
            moment == Moment.SESSION_STARTED
                && (source.equals("startup") || source.equals("clear")),
            payload.transcript("transcript_path"),
            texts.get("cwd"),
            moment == Moment.TURN_ENDED ? asked(event.body()) : null,
            agent.version(),
            agent.pid()));
  }

  /** 0.61.0 says the user's prompt here, also where the model had another hook's words last. */
  private static @Nullable String asked(EventBody body) {
    String asked = null;
    try (var parser = AgentJson.MAPPER.createParser(body.open())) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("stop_hook_active") && value == JsonToken.VALUE_TRUE) {
          return Carry.REFUSED;
        }
        if (name.equals("prompt") && value == JsonToken.VALUE_STRING) {
          asked = Asked.digest(parser.getText());
        }
        parser.skipChildren();
      }
      return asked;
    } catch (IOException e) {
      return null; // it was cut, or is a word of nobody's
    }
  }

  private static Instant at(@Nullable String timestamp, Instant arrived) {
    try {
      return timestamp == null ? arrived : Instant.parse(timestamp);
    } catch (DateTimeException e) {
      return arrived;
    }
  }
}
