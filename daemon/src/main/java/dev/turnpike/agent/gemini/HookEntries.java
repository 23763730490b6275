package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.HookSettings;
import dev.turnpike.agent.ShellHook;
import java.util.List;
import java.util.Set;

/**
 * Our hooks in settings of Gemini CLI 0.61.0, the same in the user's {@code settings.json} and in
 * an extension's {@code hooks/hooks.json}:
 *
 * <pre>
 *   {"hooks": {"AfterAgent": [{"hooks": [
 *     {"type": "command", "name": "turnpike", "timeout": 2000,
 *      "command": "TURNPIKE_AGENT_PID=$PPID '/abs/turnpike-hook' gemini-cli >/dev/null 2>&1 || true"}]}]}}
 * </pre>
 *
 * The CLI hands the command to {@code bash -c}. A hook that fails and says something stops the
 * user's prompt without an answer, and a missing program does just that: whatever happens, this
 * command says nothing and succeeds.
 */
final class HookEntries implements HookSettings.Entries {
  static final HookEntries ENTRIES = new HookEntries();

  /** What each of them is worth: contracts/gemini-cli.md section 1. None is called per chunk. */
  static final List<String> EVENTS =
      List.of("SessionStart", "BeforeAgent", "AfterAgent", "SessionEnd");

  /** Milliseconds, above the client's own 200 ms and below what a person would notice as broken. */
  private static final int TIMEOUT_MILLIS = 2000;

  private static final ShellHook SHELL = new ShellHook(GeminiCli.ID);

  private HookEntries() {}

  @Override
  public boolean comments() {
    return true;
  }

  @Override
  public String dialect() {
    return "Gemini CLI reads JSON with comments, but without trailing commas";
  }

  /** Switches that older versions kept among the events. */
  @Override
  public Set<String> others() {
    return Set.of("enabled", "disabled", "notifications");
  }

  @Override
  public boolean ours(JsonNode handler) {
    return SHELL.wrote(handler.path("command").asText(""));
  }

  @Override
  public ObjectNode handler(String event, String program) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "command")
        .put("name", "turnpike")
        .put("command", command(program))
        .put("timeout", TIMEOUT_MILLIS);
  }

  static String command(String program) {
    return SHELL.command(program);
  }

  @Override
  public boolean serves(JsonNode handler, String event, String program) {
    return handler.path("type").asText().equals("command")
        && handler.path("command").asText().equals(command(program))
        && handler.path("timeout").isNumber();
  }

  @Override
  public List<String> notOf(String event) {
    return List.of();
  }
}
