package dev.turnpike.agent.codex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Interpretation;
import dev.turnpike.agent.Interpretation.Foreign;
import dev.turnpike.agent.Interpretation.Ignored;
import dev.turnpike.agent.Interpretation.Malformed;
import dev.turnpike.agent.Interpretation.Understood;
import dev.turnpike.agent.Signal.Moment;
import dev.turnpike.model.AgentId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SignalParserTest {
  private final Rig rig = new Rig(false);

  private CodexSignal understood(String payload) {
    Interpretation<CodexSignal> result = rig.interpret(payload.replace('\'', '"'));
    if (result instanceof Understood<CodexSignal>(var signal)) {
      return signal;
    }
    throw new AssertionError(result);
  }

  @Test
  void readsWhatItNeeds() {
    CodexSignal signal =
        understood(
            "{'session_id':'s','turn_id':'t','transcript_path':'/h/.codex/sessions/a.jsonl','hook_event_name':'Stop','last_assistant_message':null,'tool_input':{'session_id':'x'}}");
    assertEquals(Moment.TURN_ENDED, signal.moment());
    assertEquals("s", signal.session().value());
    assertEquals(Optional.of("t"), signal.prompt());
    assertEquals("/h/.codex/sessions/a.jsonl", String.valueOf(signal.transcript()));
  }

  @Test
  void aSubAgentsTurnIsNoPrompt() {
    CodexSignal signal =
        understood(
            "{'session_id':'s','turn_id':'t','agent_id':'a','hook_event_name':'SubagentStop'}");
    assertEquals(Optional.empty(), signal.prompt());
    assertEquals("t", signal.turn());
  }

  @Test
  void onlyANewSessionBegins() {
    assertTrue(
        understood("{'session_id':'s','hook_event_name':'SessionStart','source':'startup'}")
            .begun());
    for (String source : new String[] {"resume", "fork", "compact"}) {
      assertEquals(
          false,
          understood(
                  "{'session_id':'s','hook_event_name':'SessionStart','source':'" + source + "'}")
              .begun());
    }
  }

  @Test
  void pathsOutOfOrderAreNoTranscript() {
    for (String path : new String[] {"a.jsonl", "/h/../a.jsonl", "/h/a.txt", ""}) {
      assertNull(
          understood("{'session_id':'s','hook_event_name':'Stop','transcript_path':'" + path + "'}")
              .transcript());
    }
  }

  @Test
  void whatIsNotItsOwnIsLeft() {
    assertEquals(
        new Foreign<CodexSignal>(new AgentId("claude-code")),
        rig.interpret(
            "{\"session_id\":\"s\",\"hook_event_name\":\"Stop\",\"transcript_path\":\"/h/.claude/projects/a.jsonl\"}"));
    assertEquals(
        new Ignored<CodexSignal>("event.Novel"),
        rig.interpret("{\"session_id\":\"s\",\"hook_event_name\":\"Novel\"}"));
    assertEquals(new Malformed<CodexSignal>("event.malformed.empty"), rig.interpret(""));
    assertEquals(new Malformed<CodexSignal>("event.malformed.not_an_object"), rig.interpret("[1]"));
    assertEquals(
        new Malformed<CodexSignal>("event.malformed.no_session"), rig.interpret("{\"a\":1}"));
    assertEquals(
        new Malformed<CodexSignal>("event.malformed.unreadable"), rig.interpret("{\"a\":"));
  }
}
