package dev.turnpike.agent.claudecode;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Map;
import java.util.stream.Stream;

/** The members of a row that are read; all others are passed over. */
enum Member {
  UUID("uuid"),
  PARENT_UUID("parentUuid"),
  TIMESTAMP("timestamp"),
  SESSION_ID("sessionId"),
  IS_SIDECHAIN("isSidechain"),
  AGENT_ID("agentId"),
  PROMPT_ID("promptId"),
  VERSION("version"),
  CWD("cwd"),
  GIT_BRANCH("gitBranch"),
  TYPE("type"),
  MESSAGE("message"),
  IS_META("isMeta"),
  IS_COMPACT_SUMMARY("isCompactSummary"),
  ORIGIN("origin"),
  SOURCE_TOOL_USE_ID("sourceToolUseID"),
  FORKED_FROM("forkedFrom"),
  REQUEST_SESSION_ID("requestSessionId"),
  REQUEST_ID("requestId"),
  REQUEST_REF("requestRef"),
  REQUESTED_MODEL("requestedModel"),
  API_BLOCK_INDEX("apiBlockIndex"),
  EFFORT("effort"),
  THINKING_DURATION_MS("thinkingDurationMs"),
  ATTRIBUTION_SKILL("attributionSkill"),
  IS_API_ERROR_MESSAGE("isApiErrorMessage"),
  ERROR("error"),
  API_ERROR_STATUS("apiErrorStatus"),
  SUBTYPE("subtype"),
  COMPACT_METADATA("compactMetadata"),
  RETRY_IN_MS("retryInMs"),
  RETRY_ATTEMPT("retryAttempt"),
  OPERATION("operation"),
  CONTENT("content"),
  ID("id"),
  PERMISSION_DECISION("permissionDecision"),
  TOOL_DENIAL_KIND("toolDenialKind"),
  HOOK_ERRORS("hookErrors"),
  FAILED_HOOK_ERROR_INDEXES("failedHookErrorIndexes"),
  HOOK_ADDITIONAL_CONTEXT("hookAdditionalContext"),
  PREVENTED_CONTINUATION("preventedContinuation"),
  ATTACHMENT("attachment"),
  TOOL_USE_RESULT("toolUseResult");

  static final Map<String, Member> BY_NAME =
      Stream.of(values()).collect(toUnmodifiableMap(Member::word, member -> member));

  private final String word;

  Member(String word) {
    this.word = word;
  }

  /** As the row has it. */
  String word() {
    return word;
  }
}
