package dev.turnpike.agent.gemini;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Foreign;
import dev.turnpike.agent.Interpretation.Ignored;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.AgentId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SignalParserTest {
  private static final String HEAD =
      "{\"session_id\":\"s1\",\"transcript_path\":\"/home/dev/.gemini/tmp/shop/chats/session-1.jsonl\",\"cwd\":\"/home/dev/shop\",\"hook_event_name\":\"%s\",\"timestamp\":\"2026-11-20T13:00:43.105Z\"";

  private static Interpretation<GeminiSignal> interpret(String body) {
    return new Rig(false).interpret(body, Map.of());
  }

  private static GeminiSignal understood(String body) {
    if (interpret(body) instanceof Understood<GeminiSignal>(var signal)) {
      return signal;
    }
    throw new AssertionError(interpret(body));
  }

  @Test
  void readsWhatAHookSays() {
    GeminiSignal signal = understood(HEAD.formatted("SessionStart") + ",\"source\":\"startup\"}");
    assertEquals(Moment.SESSION_STARTED, signal.moment());
    assertTrue(signal.begun());
    assertEquals(Instant.parse("2026-11-20T13:00:43.105Z"), signal.at());
    assertEquals(Path.of("/home/dev/.gemini/tmp/shop/chats/session-1.jsonl"), signal.transcript());
    assertFalse(understood(HEAD.formatted("SessionStart") + ",\"source\":\"resume\"}").begun());
    assertEquals(Moment.PROMPT_SUBMITTED, understood(HEAD.formatted("BeforeAgent") + "}").moment());
    assertEquals(Moment.TURN_ENDED, understood(HEAD.formatted("AfterAgent") + "}").moment());
    assertEquals(Moment.SESSION_ENDED, understood(HEAD.formatted("SessionEnd") + "}").moment());
  }

  @Test
  void theEndOfATurnSaysWhatWasAskedAndThatAnAnswerWasRefused() {
    String end = HEAD.formatted("AfterAgent");
    assertEquals(
        Asked.digest("Hello"),
        understood(end + ",\"prompt\":\"Hello\",\"stop_hook_active\":false}").asked());
    assertEquals(
        Carry.REFUSED,
        understood(end + ",\"prompt\":\"Hello\",\"stop_hook_active\":true}").asked());
    assertNull(understood(end + "}").asked());
    assertNull(understood(HEAD.formatted("BeforeAgent") + ",\"prompt\":\"Hello\"}").asked());
  }

  @Test
  void aPayloadThatWasCutCountsAsFarAsItGoes() {
    assertEquals(
        Moment.TURN_ENDED,
        understood(HEAD.formatted("AfterAgent") + ",\"prompt_response\":\"and then").moment());
  }

  @Test
  void noTranscriptAnOldOneAndARelativeOneAreNone() {
    for (String path : new String[] {"", "chats/a.jsonl", "/a/../b.jsonl", "/a/session.json"}) {
      assertNull(
          understood(
                  "{\"session_id\":\"s1\",\"transcript_path\":\"%s\",\"hook_event_name\":\"AfterAgent\"}"
                      .formatted(path))
              .transcript(),
          path);
    }
  }

  @Test
  void whatIsNotOursIsSaidSo() {
    assertTrue(interpret("") instanceof Malformed);
    assertTrue(interpret("[]") instanceof Malformed);
    assertTrue(interpret("{\"hook_event_name\":\"AfterAgent\"}") instanceof Malformed);
    assertEquals(
        new Ignored<GeminiSignal>("event.Novelty"), interpret(HEAD.formatted("Novelty") + "}"));
    assertEquals(
        new Foreign<GeminiSignal>(new AgentId("claude-code")),
        interpret(
            "{\"session_id\":\"s1\",\"hook_event_name\":\"Stop\",\"transcript_path\":\"/home/dev/.claude/projects/a/b.jsonl\"}"));
  }

  @Test
  void theAgentsProcessIsTheOneOurRegistrationNames() {
    long self = ProcessHandle.current().pid();
    var named = Map.of("TURNPIKE_AGENT_PID", Long.toString(self));
    if (new Rig(false).interpret(HEAD.formatted("AfterAgent") + "}", named)
        instanceof Understood<GeminiSignal>(var signal)) {
      assertEquals(OptionalLong.of(self), signal.agentPid());
      assertNull(signal.version()); // this is no Gemini CLI
    } else {
      throw new AssertionError();
    }
    assertEquals(OptionalLong.empty(), understood(HEAD.formatted("AfterAgent") + "}").agentPid());
  }
}
