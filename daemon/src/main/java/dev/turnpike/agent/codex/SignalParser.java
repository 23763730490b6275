package dev.turnpike.agent.codex;

import dev.turnpike.agent.HookClues;
import dev.turnpike.agent.HookTexts;
import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Foreign;
import dev.turnpike.agent.Interpretation.Ignored;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.ShellHook;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Event;
import dev.turnpike.model.SessionId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads hook payloads of Codex 0.142 to 0.169.
 *
 * <pre>
 *   {"session_id":"01a1f8f5-…","turn_id":"01a1f8f5-…","transcript_path":"/home/dev/.codex/sessions/2026/11/20/rollout-…-01a1f8f5-….jsonl",
 *    "cwd":"/home/dev/shop","hook_event_name":"Stop","model":"gpt-5.5","stop_hook_active":false,"last_assistant_message":"Hello"}
 * </pre>
 */
final class SignalParser {
  private static final Set<String> TEXTS =
      Set.of(
          "session_id",
          "turn_id",
          "transcript_path",
          "agent_transcript_path",
          "agent_id",
          "hook_event_name",
          "source");

  private static final Map<String, Moment> MOMENTS =
      Map.ofEntries(
          Map.entry("SessionStart", Moment.SESSION_STARTED),
          Map.entry("UserPromptSubmit", Moment.PROMPT_SUBMITTED),
          Map.entry("Stop", Moment.TURN_ENDED),
          Map.entry("SubagentStop", Moment.TURN_ENDED),
          Map.entry("Interrupt", Moment.TURN_ENDED),
          Map.entry("SessionEnd", Moment.SESSION_ENDED),
          // not registered by us, but a user may
          Map.entry("SubagentStart", Moment.ACTIVITY),
          Map.entry("PreToolUse", Moment.ACTIVITY),
          Map.entry("PostToolUse", Moment.ACTIVITY),
          Map.entry("PermissionRequest", Moment.ACTIVITY),
          Map.entry("PreCompact", Moment.ACTIVITY),
          Map.entry("PostCompact", Moment.ACTIVITY));

  private SignalParser() {}

  static Interpretation<CodexSignal> interpret(Event event) {
    if (event.body().size() == 0) {
      return new Malformed<>("event.malformed.empty");
    }
    HookTexts payload = HookTexts.read(event.body(), TEXTS);
    if (payload.whole() && !payload.object()) {
      return new Malformed<>("event.malformed.not_an_object");
    }
    String named = payload.text("hook_event_name");
    String name = named == null ? event.caller().eventName() : named;
    String session = payload.text("session_id");
    Optional<AgentId> owner = HookClues.of(payload.texts(), name).owner(event.caller());
    if (owner.isPresent() && !owner.get().equals(Codex.ID)) {
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
    String source = payload.texts().getOrDefault("source", "");
    return new Understood<>(
        new CodexSignal(
            new SessionId(session),
            moment,
            event.at(),
            moment == Moment.SESSION_STARTED
                && (source.equals("startup") || source.equals("clear")),
            payload.text("turn_id"),
            payload.text("agent_id"),
            payload.transcript("transcript_path"),
            payload.transcript("agent_transcript_path"),
            ShellHook.agentPid(event.caller())));
  }
}
