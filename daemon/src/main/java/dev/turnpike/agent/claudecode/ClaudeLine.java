package dev.turnpike.agent.claudecode;

import dev.turnpike.model.Part;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a transcript, classified in the order of contracts/claude-code.md section 3.1. What a
 * row says of its place in the conversation is in its {@link Chain}.
 */
sealed interface ClaudeLine {
  /**
   * Fields that rows of the conversation share. Rows without a uuid (api-request, queue-operation)
   * have no place in the tree.
   *
   * @param origin session that first wrote the row, where the row says so: differs from the file's
   *     own session in copies
   */
  record Chain(
      @Nullable String uuid,
      @Nullable String parent,
      @Nullable Instant at,
      boolean sidechain,
      @Nullable String agentId,
      @Nullable String origin,
      @Nullable String promptId,
      @Nullable String version,
      @Nullable String cwd,
      @Nullable String branch) {
    static final Chain NONE =
        new Chain(null, null, null, false, null, null, null, null, null, null);
  }

  enum OpenerKind {
    PROMPT,
    SLASH_COMMAND,
    /**
     * A command of the CLI itself ({@code <command-name>} comes first in its row): opens a turn
     * only when none is running.
     */
    BUILT_IN_COMMAND,
    BASH_INPUT,
    TASK_NOTIFICATION,
    /** Made by us: the model went on without a row that says why. */
    CONTINUATION
  }

  Chain chain();

  /** What it says of a background task that has ended. */
  default @Nullable Notification notification() {
    return null;
  }

  /**
   * A user row that opens a turn, if a model answer follows.
   *
   * @param readable as a person would have typed it: {@code /greet Ada}, {@code !ls src}
   * @param media images and documents of the prompt
   */
  record Opener(
      Chain chain,
      OpenerKind kind,
      String readable,
      List<Part> media,
      @Nullable Notification notification)
      implements ClaudeLine {}

  /** One or more results; older versions put several into one row. */
  record ToolResults(Chain chain, List<ToolResult> results) implements ClaudeLine {}

  /**
   * @param text as the model saw it; {@code agentText} what a sub-agent answered, without the frame
   *     around it
   * @param denied {@code toolDenialKind}
   * @param agentId the sub-agent it launched or woke; {@code async}: which goes on in the
   *     background
   * @param workflow run of a workflow it launched: the name of the folder with its agents
   * @param persisted path of the file with the whole output, if the row has only a preview
   */
  record ToolResult(
      String callId,
      String text,
      @Nullable String agentText,
      List<Part> media,
      boolean error,
      @Nullable String denied,
      @Nullable String agentId,
      boolean async,
      @Nullable String workflow,
      @Nullable String persisted,
      @Nullable String decision,
      @Nullable String decisionSource) {}

  /** One row of a model message: usually one block of it. */
  record AssistantRow(
      Chain chain,
      String messageId,
      @Nullable String model,
      List<Block> blocks,
      int blockIndex,
      @Nullable String stopReason,
      @Nullable TokenCount usage,
      @Nullable String requestId,
      @Nullable String requestRef,
      @Nullable String requestedModel,
      @Nullable String effort,
      long thinkingMillis,
      @Nullable String skill,
      @Nullable ApiFailure failure)
      implements ClaudeLine {
    boolean synthetic() {
      return "<synthetic>".equals(model);
    }
  }

  sealed interface Block {
    record Text(String text) implements Block {}

    record Thinking(String text) implements Block {}

    /**
     * @param server runs at the provider: its result is a block of the same message
     */
    record ToolUse(String id, String name, String inputJson, boolean server) implements Block {}

    record ServerResult(String callId, String text, boolean error) implements Block {}
  }

  /** {@code message.usage}; -1 where absent. {@code thinking} is inside {@code output}. */
  record TokenCount(
      long input,
      long cacheRead,
      long cacheCreation,
      long creation5m,
      long creation1h,
      long output,
      long thinking,
      @Nullable String tier,
      @Nullable String speed) {}

  /** {@code isApiErrorMessage}: the turn's request failed for good. */
  record ApiFailure(String text, @Nullable String kind, @Nullable String status) {}

  /** An attempt of a model call: {@code at} is its true start. */
  record ApiRequest(Chain chain, String id) implements ClaudeLine {}

  /** A failed attempt that is retried. */
  record ApiRetry(
      Chain chain,
      String message,
      @Nullable String status,
      long retryInMillis,
      int attempt,
      @Nullable String requestId)
      implements ClaudeLine {}

  /** stop_hook_summary, turn_duration. {@code goesOn}: a Stop hook sent the model back to work. */
  record TurnMark(Chain chain, boolean goesOn) implements ClaudeLine {}

  record CompactBoundary(
      Chain chain, String trigger, long preTokens, long postTokens, long durationMillis)
      implements ClaudeLine {}

  record CompactSummary(Chain chain, String text) implements ClaudeLine {}

  /**
   * Text typed while the turn ran and taken up inside it. {@code at} of the chain is when it was
   * typed.
   */
  record Steering(Chain chain, String text, List<Part> media, @Nullable Notification notification)
      implements ClaudeLine {}

  record Interrupt(Chain chain) implements ClaudeLine {}

  /**
   * Text the CLI put into the conversation.
   *
   * @param toolUseId the Skill call whose text it is
   * @param coordinator a message to a sub-agent, which sets one that had stopped to work again
   */
  record Injected(Chain chain, String text, @Nullable String toolUseId, boolean coordinator)
      implements ClaudeLine {
    /** Somebody's Stop hook has sent the model back to work. */
    boolean feedback() {
      return text.startsWith("Stop hook feedback");
    }
  }

  /**
   * What a command printed. {@code shell}: after {@code ! command}, which the model gets to see.
   */
  record LocalOutput(Chain chain, String text, boolean shell) implements ClaudeLine {}

  /** A background task ended; also inside {@link Opener} and {@link Steering}. */
  record Notified(Chain chain, @Nullable Notification notification) implements ClaudeLine {}

  /**
   * @param taskId the sub-agent's id if the task is one
   */
  record Notification(
      @Nullable String taskId, @Nullable String toolUseId, @Nullable String status) {}

  /** Known and of no use, beyond its place in the chain. */
  record Passed(Chain chain) implements ClaudeLine {}

  record Unknown(Chain chain, String type) implements ClaudeLine {}

  record Unreadable(Chain chain, String reason) implements ClaudeLine {}
}
