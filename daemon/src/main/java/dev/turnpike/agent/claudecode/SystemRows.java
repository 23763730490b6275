package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.LineParser.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.claudecode.ClaudeLine.ApiRequest;
import dev.turnpike.agent.claudecode.ClaudeLine.ApiRetry;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.CompactBoundary;
import dev.turnpike.agent.claudecode.ClaudeLine.Notified;
import dev.turnpike.agent.claudecode.ClaudeLine.Steering;
import dev.turnpike.agent.claudecode.ClaudeLine.TurnMark;
import org.jspecify.annotations.Nullable;

/**
 * Rows of type system, attachment, queue-operation and api-request: contracts/claude-code.md
 * sections 2.2 and 2.4.
 */
final class SystemRows {
  private SystemRows() {}

  static @Nullable ClaudeLine read(String type, Chain chain, JsonNode row) {
    return switch (type) {
      case "system" -> system(chain, row);
      case "attachment" -> attachment(chain, row.path("attachment"));
      case "queue-operation" -> queue(chain, row);
      case "api-request" -> {
        String id = text(row, "id");
        yield id == null ? null : new ApiRequest(chain, id);
      }
      default -> null;
    };
  }

  private static @Nullable ClaudeLine system(Chain chain, JsonNode row) {
    return switch (row.path("subtype").asText("")) {
      case "stop_hook_summary" -> new TurnMark(chain, goesOn(row));
      case "turn_duration" -> new TurnMark(chain, false);
      case "api_error" -> retry(chain, row);
      case "compact_boundary" -> boundary(chain, row.path("compactMetadata"));
      default -> null;
    };
  }

  /**
   * Whether someone's Stop hook sent the model back to work: exit code 2 or a "block" decision (an
   * error that did not fail) or context for it. Claude Code 2.1.329: a hook that merely failed is
   * listed in failedHookErrorIndexes and the turn is over; see fixtures stop-hook-exit2,
   * stop-hook-exit1, stop-hook-context, stop-hook-halt.
   */
  private static boolean goesOn(JsonNode row) {
    if (row.path("preventedContinuation").asBoolean(false)) {
      return false;
    }
    boolean blocked =
        row.path("failedHookErrorIndexes").isArray()
            && row.path("hookErrors").size() > row.path("failedHookErrorIndexes").size();
    return blocked || !row.path("hookAdditionalContext").isEmpty();
  }

  private static ClaudeLine retry(Chain chain, JsonNode row) {
    JsonNode error = row.path("error");
    String message = text(error, "formatted");
    if (message == null) {
      message = text(error, "message");
    }
    JsonNode status = error.path("status");
    return new ApiRetry(
        chain,
        message == null ? "API error" : message,
        status.isValueNode() && !status.isNull() ? status.asText() : null,
        Math.round(row.path("retryInMs").asDouble(0)),
        row.path("retryAttempt").asInt(0),
        text(error, "requestId"));
  }

  private static ClaudeLine boundary(Chain chain, JsonNode meta) {
    String trigger = text(meta, "trigger");
    return new CompactBoundary(
        chain,
        trigger == null ? "unknown" : trigger,
        meta.path("preTokens").asLong(-1),
        meta.path("postTokens").asLong(-1),
        meta.path("durationMs").asLong(-1));
  }

  private static @Nullable ClaudeLine attachment(Chain chain, JsonNode attachment) {
    if (!attachment.path("type").asText("").equals("queued_command")) {
      return null;
    }
    JsonNode prompt = attachment.path("prompt");
    String text = UserRows.plainText(prompt);
    return new Steering(chain, text, UserRows.media(prompt), UserRows.notification(text));
  }

  private static @Nullable ClaudeLine queue(Chain chain, JsonNode row) {
    if (!row.path("operation").asText("").equals("enqueue")) {
      return null;
    }
    String content = text(row, "content");
    var notification = content == null ? null : UserRows.notification(content);
    return notification == null ? null : new Notified(chain, notification);
  }
}
