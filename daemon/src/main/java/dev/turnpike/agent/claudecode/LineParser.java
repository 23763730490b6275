package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.Passed;
import dev.turnpike.agent.claudecode.ClaudeLine.Unknown;
import dev.turnpike.agent.claudecode.ClaudeLine.Unreadable;
import dev.turnpike.platform.IsoTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of one row to a {@link ClaudeLine}. Takes from a row only the fields it knows, and stops at
 * the type of a row that is of no use, so that the large bookkeeping rows cost next to nothing.
 * Never fails: what it cannot read is {@link Unreadable}.
 */
final class LineParser {
  private static final Set<String> FIELDS =
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

  /** Read for their content. */
  private static final Set<String> USED =
      Set.of("user", "assistant", "system", "attachment", "queue-operation", "api-request");

  /**
   * Seen in 2.1.329 or older and of no use here (contracts/claude-code.md 2.2); any other type is
   * counted.
   */
  private static final Set<String> PASSED =
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

  /** One for all: there may be thousands of sessions. */
  private static final JsonMapper JSON =
      AgentJson.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  ClaudeLine parse(byte[] bytes) {
    try {
      return classify(bytes);
    } catch (IOException e) {
      // Bytes that are no UTF-8 (a torn write, an odd tool output): once more with them replaced.
      byte[] repaired = new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
      if (repaired.length != bytes.length) {
        try {
          return classify(repaired);
        } catch (IOException again) {
          return new Unreadable(Chain.NONE, "line.unreadable");
        }
      }
      return new Unreadable(Chain.NONE, "line.unreadable");
    }
  }

  private ClaudeLine classify(byte[] bytes) throws IOException {
    var row = JsonNodeFactory.instance.objectNode();
    String type = null;
    try (var parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Unreadable(Chain.NONE, "line.unreadable");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("type") && value == JsonToken.VALUE_STRING) {
          type = parser.getText();
          if (PASSED.contains(type) && !type.equals("progress")) {
            return new Passed(Chain.NONE);
          }
        } else if (name.equals("attachment") && value == JsonToken.START_OBJECT) {
          row.set(
              "attachment", picked(parser, "type", "prompt", "timestamp", "commandMode", "origin"));
        } else if (name.equals("toolUseResult")) {
          toolUseResult(parser, value, row);
        } else if (FIELDS.contains(name)) {
          row.set(name, node(parser, value));
        } else {
          parser.skipChildren();
        }
      }
    }
    Chain chain = chain(row);
    if (type == null) {
      return new Unreadable(chain, "line.untyped");
    }
    if (USED.contains(type)) {
      ClaudeLine line =
          switch (type) {
            case "user" -> UserRows.classify(chain, row);
            case "assistant" -> AssistantRows.read(chain, row);
            default -> SystemRows.read(type, chain, row);
          };
      return line == null ? new Passed(chain) : line;
    }
    return PASSED.contains(type) ? new Passed(chain) : new Unknown(chain, type);
  }

  /** The structured result repeats whole files; only what tells of sub-agents is taken. */
  private void toolUseResult(JsonParser parser, JsonToken value, ObjectNode row)
      throws IOException {
    if (value == JsonToken.START_OBJECT) {
      row.set(
          "toolUseResult",
          picked(parser, "status", "isAsync", "agentId", "resumedAgentId", "runId", "content"));
    } else {
      parser.skipChildren();
    }
  }

  private ObjectNode picked(JsonParser parser, String... names) throws IOException {
    var wanted = Set.of(names);
    var node = JsonNodeFactory.instance.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      // "content" of a Write or Read call is a whole file; of an agent it is a list of blocks.
      boolean take =
          wanted.contains(name) && (!name.equals("content") || value == JsonToken.START_ARRAY);
      if (take) {
        node.set(name, node(parser, value));
      } else {
        parser.skipChildren();
      }
    }
    return node;
  }

  /** Most fields are one string, for which databind makes more than the string. */
  private static JsonNode node(JsonParser parser, JsonToken value) throws IOException {
    return switch (value) {
      case VALUE_STRING -> TextNode.valueOf(parser.getText());
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> NullNode.instance;
      default -> JSON.readTree(parser);
    };
  }

  private static Chain chain(ObjectNode row) {
    String origin = text(row, "requestSessionId");
    JsonNode forked = row.path("forkedFrom");
    if (forked.isObject()) {
      String from = text(forked, "sessionId");
      origin = from == null ? "(fork)" : from;
    }
    return new Chain(
        text(row, "uuid"),
        text(row, "parentUuid"),
        instant(text(row, "timestamp")),
        row.path("isSidechain").asBoolean(false),
        text(row, "agentId"),
        origin == null ? text(row, "sessionId") : origin,
        text(row, "promptId"),
        text(row, "version"),
        text(row, "cwd"),
        text(row, "gitBranch"));
  }

  static @Nullable Instant instant(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return text.endsWith("Z") ? IsoTime.parse(text) : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() ? value.asText() : null;
  }
}
