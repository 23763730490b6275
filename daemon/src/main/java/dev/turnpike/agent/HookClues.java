package dev.turnpike.agent;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What in a hook's payload tells which agent ran it. Agents run hooks they find in each other's
 * settings (Cursor those of Claude Code, Augment those of plugins), with payloads of their own: the
 * name on the command line is a hint, the payload decides (contracts: agents-overview.md "Traps
 * that cross agents"; the environment only where the payload says nothing).
 *
 * @param cursorVersion a field {@code cursor_version} with something in it
 * @param workspaces fields {@code workspace_roots} and {@code conversation_id}, or the latter alone
 *     in the place of a {@code session_id}
 * @param camelSession the session's id in camelCase: Copilot's own spelling (CLI 1.0.102, VS Code)
 * @param timed a field {@code timestamp}
 * @param transcript the field {@code transcript_path}
 * @param session the field {@code session_id}
 * @param event the field {@code hook_event_name}, or what the client was told
 */
public record HookClues(
    boolean cursorVersion,
    boolean workspaces,
    boolean camelSession,
    boolean timed,
    @Nullable String transcript,
    @Nullable String session,
    @Nullable String event) {
  /** What {@link #of} looks at, all on the top level. */
  public static final Set<String> FIELDS =
      Set.of(
          "cursor_version",
          "workspace_roots",
          "conversation_id",
          "sessionId",
          "timestamp",
          "transcript_path",
          "session_id");

  /** Whose transcripts lie below which folder of the home. */
  private static final List<Map.Entry<String, AgentId>> FOLDERS =
      List.of(
          Map.entry("/.claude/projects/", new AgentId("claude-code")),
          Map.entry("/.codex/", new AgentId("codex")),
          Map.entry("/.gemini/", new AgentId("gemini-cli")),
          Map.entry("/.copilot/", new AgentId("copilot")),
          Map.entry("/session-state/", new AgentId("copilot")), // wherever COPILOT_HOME is
          Map.entry("/.factory/", new AgentId("factory")),
          Map.entry("/.cursor/", new AgentId("cursor")),
          Map.entry("/.qwen/", new AgentId("qwen")),
          Map.entry("/.kimi/", new AgentId("kimi")));

  /**
   * @param fields of the payload by their names, those of {@link #FIELDS} at least; what is no text
   *     counts by being there
   */
  public static HookClues of(Map<String, String> fields, @Nullable String event) {
    return new HookClues(
        !fields.getOrDefault("cursor_version", "").isBlank(),
        fields.containsKey("conversation_id")
            && (fields.containsKey("workspace_roots") || !fields.containsKey("session_id")),
        fields.containsKey("sessionId") && !fields.containsKey("session_id"),
        fields.containsKey("timestamp"),
        fields.get("transcript_path"),
        fields.get("session_id"),
        event);
  }

  /** The agent it can only come from; empty if it says nothing against whoever it was sent as. */
  public Optional<AgentId> owner(Caller caller) {
    boolean insideCursor = caller.environment().containsKey("CURSOR_VERSION");
    if (cursorVersion) {
      return agent("cursor");
    }
    if (workspaces) {
      return agent(insideCursor ? "cursor" : "augment");
    }
    if (camelSession) {
      return agent("copilot");
    }
    String path = transcript;
    if (path != null) {
      for (Map.Entry<String, AgentId> folder : FOLDERS) {
        if (path.contains(folder.getKey())) {
          return Optional.of(folder.getValue());
        }
      }
    }
    if (timed && path == null && caller.environment().containsKey("COPILOT_CLI")) {
      // in the spelling of others only the end of a turn names the file (1.0.102)
      return agent("copilot");
    }
    if (session != null && session.startsWith("sess_")) {
      return agent("kiro");
    }
    if (event != null && !event.isEmpty() && Character.isLowerCase(event.charAt(0))) {
      return agent(insideCursor ? "cursor" : "kiro");
    }
    return Optional.empty();
  }

  private static Optional<AgentId> agent(String id) {
    return Optional.of(new AgentId(id));
  }
}
