package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.LineParser.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.claudecode.ClaudeLine.ApiFailure;
import dev.turnpike.agent.claudecode.ClaudeLine.AssistantRow;
import dev.turnpike.agent.claudecode.ClaudeLine.Block;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.TokenCount;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of model messages: contracts/claude-code.md section 2.3. */
final class AssistantRows {
  private AssistantRows() {}

  static @Nullable ClaudeLine read(Chain chain, JsonNode row) {
    JsonNode message = row.path("message");
    String id = text(message, "id");
    String model = text(message, "model");
    List<Block> blocks = blocks(message.path("content"));
    if (id == null) {
      id = chain.uuid();
    }
    if (id == null) {
      return null;
    }
    return new AssistantRow(
        chain,
        id,
        model,
        blocks,
        row.path("apiBlockIndex").asInt(-1),
        text(message, "stop_reason"),
        usage(message.path("usage")),
        text(row, "requestId"),
        text(row, "requestRef"),
        text(row, "requestedModel"),
        text(row, "effort"),
        row.path("thinkingDurationMs").asLong(0),
        text(row, "attributionSkill"),
        row.path("isApiErrorMessage").asBoolean(false) ? failure(row, blocks) : null);
  }

  private static ApiFailure failure(JsonNode row, List<Block> blocks) {
    var text = new StringBuilder();
    for (Block block : blocks) {
      if (block instanceof Block.Text(var part)) {
        text.append(text.isEmpty() ? "" : "\n").append(part);
      }
    }
    JsonNode status = row.path("apiErrorStatus");
    return new ApiFailure(
        text.isEmpty() ? "API error" : text.toString(),
        text(row, "error"),
        status.isValueNode() && !status.isNull() ? status.asText() : null);
  }

  private static List<Block> blocks(JsonNode content) {
    var blocks = new ArrayList<Block>();
    if (content.isTextual()) {
      blocks.add(new Block.Text(content.asText()));
    }
    if (content.isArray()) {
      for (JsonNode block : content) {
        Block read = block(block);
        if (read != null) {
          blocks.add(read);
        }
      }
    }
    return blocks;
  }

  private static @Nullable Block block(JsonNode block) {
    String type = block.path("type").asText("");
    String id = text(block, "id");
    String of = text(block, "tool_use_id");
    return switch (type) {
      case "text" -> new Block.Text(block.path("text").asText(""));
      case "thinking" -> new Block.Thinking(block.path("thinking").asText(""));
      case "redacted_thinking" -> new Block.Thinking("");
      case "tool_use", "server_tool_use", "mcp_tool_use" ->
          id == null
              ? null
              : new Block.ToolUse(
                  id,
                  block.path("name").asText("tool"),
                  block.path("input").isMissingNode() ? "{}" : block.path("input").toString(),
                  !type.equals("tool_use"));
      default -> of != null && type.endsWith("_result") ? serverResult(block, of) : null;
    };
  }

  private static Block serverResult(JsonNode block, String callId) {
    JsonNode content = block.path("content");
    boolean error =
        block.path("is_error").asBoolean(false)
            || content.path("type").asText("").endsWith("_error");
    return new Block.ServerResult(
        callId, content.isTextual() ? content.asText() : content.toString(), error);
  }

  private static @Nullable TokenCount usage(JsonNode usage) {
    if (!usage.isObject()) {
      return null;
    }
    JsonNode split = usage.path("cache_creation");
    return new TokenCount(
        count(usage, "input_tokens"),
        count(usage, "cache_read_input_tokens"),
        count(usage, "cache_creation_input_tokens"),
        count(split, "ephemeral_5m_input_tokens"),
        count(split, "ephemeral_1h_input_tokens"),
        count(usage, "output_tokens"),
        count(usage.path("output_tokens_details"), "thinking_tokens"),
        text(usage, "service_tier"),
        text(usage, "speed"));
  }

  private static long count(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isIntegralNumber() && value.asLong() >= 0 ? value.asLong() : -1;
  }
}
