package dev.turnpike.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Payloads as the recordings have them, shortened to what tells their agents apart. */
class HookCluesTest {
  @Test
  void aTranscriptsFolderTellsItsAgent() {
    assertEquals(
        "claude-code",
        owner(
            "Stop", Map.of("session_id", "a", "transcript_path", "/h/.claude/projects/s/a.jsonl")));
    assertEquals(
        "gemini-cli",
        owner(
            "AfterAgent",
            Map.of("session_id", "a", "transcript_path", "/h/.gemini/tmp/s/c.jsonl")));
    assertEquals(
        "copilot",
        owner(
            "Stop",
            Map.of("session_id", "a", "transcript_path", "/x/session-state/a/events.jsonl")));
  }

  @Test
  void aFolderOfOneAgentCountsMoreThanTheAgentAroundIt() {
    assertEquals(
        "claude-code",
        owner(
            "Stop",
            Map.of("session_id", "a", "transcript_path", "/h/.claude/projects/s/a.jsonl"),
            Map.of("COPILOT_CLI", "1", "CURSOR_VERSION", "3.1")));
  }

  @Test
  void copilotIsKnownByItsSpellingAndInTheSpellingOfOthersByItsEnvironment() {
    assertEquals("copilot", owner("sessionStart", Map.of("sessionId", "a", "timestamp", "1")));
    assertEquals("copilot", owner(null, Map.of("sessionId", "a")));
    var pascal = Map.of("session_id", "a", "timestamp", "2026-11-20T13:02:44.642Z");
    assertEquals("copilot", owner("UserPromptSubmit", pascal, Map.of("COPILOT_CLI", "1")));
    assertEquals("", owner("UserPromptSubmit", pascal));
    // a program started from Copilot's shell inherits the variable, but has no time in its payload
    assertEquals(
        "", owner("UserPromptSubmit", Map.of("session_id", "a"), Map.of("COPILOT_CLI", "1")));
  }

  @Test
  void agentsThatRunHooksOfOthersAreToldApart() {
    assertEquals("cursor", owner("stop", Map.of("session_id", "a", "cursor_version", "3.20.10")));
    var augment = Map.of("workspace_roots", "", "conversation_id", "a");
    assertEquals("augment", owner("Stop", augment));
    assertEquals("cursor", owner("stop", augment, Map.of("CURSOR_VERSION", "3.20.10")));
    assertEquals("kiro", owner("agentSpawn", Map.of("session_id", "a")));
    assertEquals("kiro", owner("Stop", Map.of("session_id", "sess_a")));
  }

  @Test
  void whatSaysNothingStaysWithWhomItWasSentAs() {
    assertEquals("", owner("Stop", Map.of("session_id", "a")));
    assertEquals("", owner(null, Map.of()));
    assertEquals("", owner("Stop", Map.of("session_id", "a", "cursor_version", " ")));
  }

  private static String owner(@Nullable String event, Map<String, String> fields) {
    return owner(event, fields, Map.of());
  }

  private static String owner(
      @Nullable String event, Map<String, String> fields, Map<String, String> environment) {
    Optional<AgentId> owner =
        HookClues.of(fields, event).owner(new Caller(null, 0, "test", null, environment, false));
    return owner.map(AgentId::value).orElse("");
  }
}
