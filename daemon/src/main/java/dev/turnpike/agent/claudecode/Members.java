package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.EnumMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of a row that are read, taken from its bytes. */
sealed interface Members {
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

  /** What there was. */
  record Picked(@Nullable String type, Row row) implements Members {}

  /** The values by their members; of members that come twice, the latter. */
  final class Row {
    private final EnumMap<Member, JsonNode> values = new EnumMap<>(Member.class);

    void set(Member member, JsonNode value) {
      values.put(member, value);
    }

    /** Missing if there is none. */
    JsonNode path(Member member) {
      JsonNode value = values.get(member);
      return value == null ? MissingNode.getInstance() : value;
    }

    /** Null if there is none, or it is no string. */
    @Nullable String text(Member member) {
      return path(member) instanceof TextNode text ? text.textValue() : null;
    }
  }

  /** A row of a type that is of no use, read up to there. */
  record OfNoUse() implements Members {}

  record NoObject() implements Members {}

  static Set<String> readOf(Member member) {
    return member == Member.ATTACHMENT ? READ_OF_ATTACHMENT : READ_OF_RESULT;
  }

  /** Rows of {@code progress} have a place in the chain. */
  static boolean ofNoUse(String type) {
    return PASSED.contains(type) && !type.equals("progress");
  }
}
