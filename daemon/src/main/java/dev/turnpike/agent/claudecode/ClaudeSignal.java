package dev.turnpike.agent.claudecode;

import dev.turnpike.agent.Signal;
import dev.turnpike.model.SessionId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a hook of Claude Code said, as far as it is of use. Long texts are cut by the parser.
 *
 * @param event {@code hook_event_name}
 * @param promptId {@code prompt_id}, equal to {@code promptId} of the transcript's user rows of
 *     that prompt
 * @param transcript {@code transcript_path}: the session's main file, also inside sub-agents; it
 *     may not exist yet, or ever
 * @param source of SessionStart; {@code reason} of SessionEnd, {@code error} of StopFailure
 * @param text {@code prompt} of UserPromptSubmit
 * @param lastMessage {@code last_assistant_message}: the text to wait for
 */
public record ClaudeSignal(
    SessionId session,
    String event,
    Moment moment,
    @Nullable String promptId,
    @Nullable Path transcript,
    OptionalLong agentPid,
    @Nullable String source,
    @Nullable String text,
    @Nullable String lastMessage,
    @Nullable AgentFacts agent,
    @Nullable ToolFacts tool)
    implements Signal {

  /**
   * Present only if the hook ran inside a sub-agent or is about one. {@code type} is empty for the
   * compaction's own.
   */
  public record AgentFacts(String id, String type, @Nullable Path transcript) {}

  /**
   * @param durationMillis pure execution time, -1 if not told
   * @param input JSON text, {@code output} text or JSON text; both only for turns without a
   *     transcript
   */
  public record ToolFacts(
      String callId,
      String name,
      long durationMillis,
      @Nullable String mcpServer,
      boolean failed,
      boolean interrupted,
      @Nullable String input,
      @Nullable String output) {}

  @Override
  public Optional<String> prompt() {
    return Optional.ofNullable(promptId);
  }
}
