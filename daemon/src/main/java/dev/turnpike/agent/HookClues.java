package dev.turnpike.agent;

import dev.turnpike.model.AgentId;
import dev.turnpike.model.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What in a hook's payload tells which agent ran it. Agents run hooks they find in each other's
 * settings (Cursor those of Claude Code, Augment those of plugins), with payloads of their own: the
 * name on the command line is a hint, the payload decides (contracts: agents-overview.md "Traps
 * that cross agents"; the environment only where the payload says nothing).
 *
 * @param cursorVersion a field {@code cursor_version} with something in it
 * @param workspaces fields {@code workspace_roots} and {@code conversation_id}
 * @param transcript the field {@code transcript_path}
 * @param session the field {@code session_id}
 * @param event the field {@code hook_event_name}, or what the client was told
 */
public record HookClues(
    boolean cursorVersion,
    boolean workspaces,
    @Nullable String transcript,
    @Nullable String session,
    @Nullable String event) {
  /** Whose transcripts lie below which folder of the home. */
  private static final List<Map.Entry<String, AgentId>> FOLDERS =
      List.of(
          Map.entry("/.claude/projects/", new AgentId("claude-code")),
          Map.entry("/.codex/", new AgentId("codex")),
          Map.entry("/.gemini/", new AgentId("gemini-cli")),
          Map.entry("/.factory/", new AgentId("factory")),
          Map.entry("/.cursor/", new AgentId("cursor")),
          Map.entry("/.qwen/", new AgentId("qwen")),
          Map.entry("/.kimi/", new AgentId("kimi")));

  /** The agent it can only come from; empty if it says nothing against whoever it was sent as. */
  public Optional<AgentId> owner(Caller caller) {
    boolean insideCursor = caller.environment().containsKey("CURSOR_VERSION");
    if (cursorVersion) {
      return agent("cursor");
    }
    if (workspaces) {
      return agent(insideCursor ? "cursor" : "augment");
    }
    String path = transcript;
    if (path != null) {
      for (Map.Entry<String, AgentId> folder : FOLDERS) {
        if (path.contains(folder.getKey())) {
          return Optional.of(folder.getValue());
        }
      }
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
