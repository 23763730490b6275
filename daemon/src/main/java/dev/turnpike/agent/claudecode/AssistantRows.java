package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.LineParser.text;
import static dev.turnpike.agent.claudecode.Member.API_BLOCK_INDEX;
import static dev.turnpike.agent.claudecode.Member.API_ERROR_STATUS;
import static dev.turnpike.agent.claudecode.Member.ATTRIBUTION_SKILL;
import static dev.turnpike.agent.claudecode.Member.EFFORT;
import static dev.turnpike.agent.claudecode.Member.ERROR;
import static dev.turnpike.agent.claudecode.Member.IS_API_ERROR_MESSAGE;
import static dev.turnpike.agent.claudecode.Member.MESSAGE;
import static dev.turnpike.agent.claudecode.Member.REQUESTED_MODEL;
import static dev.turnpike.agent.claudecode.Member.REQUEST_ID;
import static dev.turnpike.agent.claudecode.Member.REQUEST_REF;
import static dev.turnpike.agent.claudecode.Member.THINKING_DURATION_MS;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.POJONode;
import dev.turnpike.agent.claudecode.ClaudeLine.ApiFailure;
import dev.turnpike.agent.claudecode.ClaudeLine.AssistantRow;
import dev.turnpike.agent.claudecode.ClaudeLine.Block;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.TokenCount;
import dev.turnpike.agent.claudecode.Members.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of model messages: contracts/claude-code.md section 2.3. */
final class AssistantRows {
  private AssistantRows() {}

  static @Nullable ClaudeLine read(Chain chain, Row row) {
    JsonNode message = row.path(MESSAGE);
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
        row.path(API_BLOCK_INDEX).asInt(-1),
        text(message, "stop_reason"),
        usage(message.path("usage")),
        row.text(REQUEST_ID),
        row.text(REQUEST_REF),
        row.text(REQUESTED_MODEL),
        row.text(EFFORT),
        row.path(THINKING_DURATION_MS).asLong(0),
        row.text(ATTRIBUTION_SKILL),
        row.path(IS_API_ERROR_MESSAGE).asBoolean(false) ? failure(row, blocks) : null);
  }

  private static ApiFailure failure(Row row, List<Block> blocks) {
    var text = new StringBuilder();
    for (Block block : blocks) {
      if (block instanceof Block.Text(var part)) {
        text.append(text.isEmpty() ? "" : "\n").append(part);
      }
    }
    JsonNode status = row.path(API_ERROR_STATUS);
    return new ApiFailure(
        text.isEmpty() ? "API error" : text.toString(),
        row.text(ERROR),
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
                  input(block.path("input")),
                  !type.equals("tool_use"));
      default -> of != null && type.endsWith("_result") ? serverResult(block, of) : null;
    };
  }

  /** {@link QuickRow} may give it as the text it would be written as. */
  private static String input(JsonNode input) {
    if (input instanceof POJONode written) {
      return String.valueOf(written.getPojo());
    }
    return input.isMissingNode() ? "{}" : input.toString();
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
