package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of a row that are read, taken from its bytes. */
sealed interface Members {
  /** Of a row, beside {@code type}, {@code attachment} and {@code toolUseResult}. */
  Set<String> READ =
      Set.of(
          "uuid",
          "parentUuid",
          "timestamp",
          "sessionId",
          "isSidechain",
          "agentId",
          "promptId",
          "version",
          "cwd",
          "gitBranch",
          "message",
          "isMeta",
          "isCompactSummary",
          "origin",
          "sourceToolUseID",
          "forkedFrom",
          "requestSessionId",
          "requestId",
          "requestRef",
          "requestedModel",
          "apiBlockIndex",
          "effort",
          "thinkingDurationMs",
          "attributionSkill",
          "isApiErrorMessage",
          "error",
          "apiErrorStatus",
          "subtype",
          "compactMetadata",
          "retryInMs",
          "retryAttempt",
          "operation",
          "content",
          "id",
          "permissionDecision",
          "toolDenialKind",
          "hookErrors",
          "failedHookErrorIndexes",
          "hookAdditionalContext",
          "preventedContinuation");

  /** Of {@code attachment}. */
  Set<String> READ_OF_ATTACHMENT = Set.of("type", "prompt", "timestamp", "commandMode", "origin");

  /**
   * Of {@code toolUseResult}. It repeats whole files; only what tells of sub-agents is taken.
   * {@code content} of a Write or Read call is a whole file; of an agent it is a list of blocks,
   * and only then it is read.
   */
  Set<String> READ_OF_RESULT =
      Set.of("status", "isAsync", "agentId", "resumedAgentId", "runId", "content");

  /**
   * Seen in 2.1.329 or older and of no use here (contracts/claude-code.md 2.2); any other type is
   * counted.
   */
  Set<String> PASSED =
      Set.of(
          "api-request-shape",
          "api-request-blob",
          "api-request-resumed",
          "cost-state",
          "last-prompt",
          "file-history-snapshot",
          "file-history-delta",
          "tools-used",
          "mode",
          "permission-mode",
          "atis-latch",
          "agent-name",
          "agent-setting",
          "agent-color",
          "tag",
          "pr-link",
          "worktree-state",
          "relocated",
          "bridge-session",
          "fork-context-ref",
          "continued-in",
          "content-replacement",
          "memory-mode",
          "ai-title",
          "custom-title",
          "summary",
          "progress");

  /** What there was; of members that come twice, the latter. */
  record Picked(@Nullable String type, ObjectNode row) implements Members {}

  /** A row of a type that is of no use, read up to there. */
  record OfNoUse() implements Members {}

  record NoObject() implements Members {}

  /** Rows of {@code progress} have a place in the chain. */
  static boolean ofNoUse(String type) {
    return PASSED.contains(type) && !type.equals("progress");
  }
}
