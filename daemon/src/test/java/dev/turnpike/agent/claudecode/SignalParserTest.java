package dev.turnpike.agent.claudecode;

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
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignalParserTest {
  private static final String PATH = "/home/dev/.claude/projects/-home-dev-shop/s1.jsonl";

  private static Event event(EventBody body, Map<String, String> environment) {
    return new Event(
        new EventId("e1"),
        new AgentId("claude-code"),
        Instant.EPOCH,
        new Caller("/home/dev/shop", 7, "1", "Stop", environment, false),
        DestinationId.LOCAL,
        body);
  }

  private static Interpretation<ClaudeSignal> interpret(String json) {
    return new SignalParser()
        .interpret(
            event(
                new EventBody.Inline(json.getBytes(StandardCharsets.UTF_8)),
                Map.of("CLAUDE_PID", "4711")));
  }

  private static ClaudeSignal understood(String json) {
    if (interpret(json) instanceof Understood<ClaudeSignal>(var signal)) {
      return signal;
    }
    throw new AssertionError(interpret(json));
  }

  @Test
  void stopAnnouncesTheFinalText() {
    var signal =
        understood(
            "{\"session_id\":\"s1\",\"transcript_path\":\""
                + PATH
                + "\",\"prompt_id\":\"p1\",\"hook_event_name\":\"Stop\",\"last_assistant_message\":\"Done.\"}");
    assertEquals(Moment.TURN_ENDED, signal.moment());
    assertEquals("Done.", signal.lastMessage());
    assertEquals(Path.of(PATH), signal.transcript());
    assertEquals(OptionalLong.of(4711), signal.agentPid());
  }

  @Test
  void aCutPayloadCountsAsFarAsItGoes() {
    var signal =
        understood(
            "{\"session_id\":\"s1\",\"hook_event_name\":\"PostToolUse\",\"tool_use_id\":\"t1\",\"tool_response\":{\"stdout\":\"1\\n"
                + "2\\n");
    assertEquals("t1", signal.tool().callId());
    assertNull(signal.tool().output());
  }

  @Test
  void theCallersNameOfTheEventStandsIn() {
    assertEquals("Stop", understood("{\"session_id\":\"s1\"}").event());
  }

  @Test
  void aHugePayloadInAFileIsReadAsAStream(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("body");
    Files.writeString(
        file,
        "{\"session_id\":\"s1\",\"hook_event_name\":\"PostToolUse\",\"tool_response\":{\"stdout\":\""
            + "x".repeat(16 * 1024 * 1024)
            + "\"},\"tool_use_id\":\"t1\",\"duration_ms\":12}");
    var result =
        new SignalParser()
            .interpret(event(new EventBody.Spilled(file, Files.size(file)), Map.of()));
    if (result instanceof Understood<ClaudeSignal>(var signal)) {
      assertEquals(12, signal.tool().durationMillis());
      assertNull(signal.tool().output());
    } else {
      throw new AssertionError(result);
    }
  }

  @Test
  void garbageIsMalformedAndNeverThrown() {
    assertTrue(interpret("") instanceof Malformed);
    assertTrue(interpret("[]") instanceof Malformed);
    assertTrue(interpret("\u0000\u0001") instanceof Malformed);
    assertTrue(interpret("{\"hook_event_name\":\"Stop\"}") instanceof Malformed);
    assertTrue(interpret("{\"session_id\":{\"a\":1}}") instanceof Malformed);
  }

  @Test
  void relativeAndTwistedPathsAreNoPaths() {
    assertNull(understood("{\"session_id\":\"s1\",\"transcript_path\":\"x.jsonl\"}").transcript());
    assertNull(
        understood("{\"session_id\":\"s1\",\"transcript_path\":\"/a/../etc/x.jsonl\"}")
            .transcript());
    assertNull(
        understood("{\"session_id\":\"s1\",\"transcript_path\":\"/etc/passwd\"}").transcript());
  }

  @Test
  void otherAgentsThatRunClaudesHooksAreRecognised() {
    assertEquals(
        new Foreign<>(new AgentId("cursor")),
        interpret(
            "{\"session_id\":\"s1\",\"hook_event_name\":\"stop\",\"cursor_version\":\"3.1\"}"));
    assertEquals(
        new Foreign<>(new AgentId("augment")),
        interpret(
            "{\"conversation_id\":\"c\",\"workspace_roots\":[\"/w\"],\"hook_event_name\":\"Stop\"}"));
    assertEquals(
        new Foreign<>(new AgentId("kiro")),
        interpret("{\"session_id\":\"sess_1\",\"hook_event_name\":\"Stop\"}"));
    assertEquals(
        new Foreign<>(new AgentId("factory")),
        interpret(
            "{\"session_id\":\"s1\",\"hook_event_name\":\"Stop\",\"transcript_path\":\"/home/dev/.factory/sessions/s1.jsonl\"}"));
  }

  @Test
  void eventsOfNoUseAreIgnoredByName() {
    assertEquals(
        new Ignored<>("event.MessageDisplay"),
        interpret("{\"session_id\":\"s1\",\"hook_event_name\":\"MessageDisplay\"}"));
    assertEquals(
        new Ignored<>("event.unknown"),
        interpret("{\"session_id\":\"s1\",\"hook_event_name\":\"X Y\"}"));
  }
}
