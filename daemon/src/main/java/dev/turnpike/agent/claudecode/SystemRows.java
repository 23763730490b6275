package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.LineParser.text;
import static dev.turnpike.agent.claudecode.Member.ATTACHMENT;
import static dev.turnpike.agent.claudecode.Member.COMPACT_METADATA;
import static dev.turnpike.agent.claudecode.Member.CONTENT;
import static dev.turnpike.agent.claudecode.Member.ERROR;
import static dev.turnpike.agent.claudecode.Member.FAILED_HOOK_ERROR_INDEXES;
import static dev.turnpike.agent.claudecode.Member.HOOK_ADDITIONAL_CONTEXT;
import static dev.turnpike.agent.claudecode.Member.HOOK_ERRORS;
import static dev.turnpike.agent.claudecode.Member.ID;
import static dev.turnpike.agent.claudecode.Member.OPERATION;
import static dev.turnpike.agent.claudecode.Member.PREVENTED_CONTINUATION;
import static dev.turnpike.agent.claudecode.Member.RETRY_ATTEMPT;
import static dev.turnpike.agent.claudecode.Member.RETRY_IN_MS;
import static dev.turnpike.agent.claudecode.Member.SUBTYPE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.claudecode.ClaudeLine.ApiRequest;
import dev.turnpike.agent.claudecode.ClaudeLine.ApiRetry;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.CompactBoundary;
import dev.turnpike.agent.claudecode.ClaudeLine.Notified;
import dev.turnpike.agent.claudecode.ClaudeLine.Steering;
import dev.turnpike.agent.claudecode.ClaudeLine.TurnMark;
import dev.turnpike.agent.claudecode.Members.Row;
import org.jspecify.annotations.Nullable;

/**
 * Rows of type system, attachment, queue-operation and api-request: contracts/claude-code.md
 * sections 2.2 and 2.4.
 */
final class SystemRows {
  private SystemRows() {}

  static @Nullable ClaudeLine read(String type, Chain chain, Row row) {
    return switch (type) {
      case "system" -> system(chain, row);
      case "attachment" -> attachment(chain, row.path(ATTACHMENT));
      case "queue-operation" -> queue(chain, row);
      case "api-request" -> {
        String id = row.text(ID);
        yield id == null ? null : new ApiRequest(chain, id);
      }
      default -> null;
    };
  }

  private static @Nullable ClaudeLine system(Chain chain, Row row) {
    return switch (row.path(SUBTYPE).asText("")) {
      case "stop_hook_summary" -> new TurnMark(chain, goesOn(row));
      case "turn_duration" -> new TurnMark(chain, false);
      case "api_error" -> retry(chain, row);
      case "compact_boundary" -> boundary(chain, row.path(COMPACT_METADATA));
      default -> null;
    };
  }

  /**
   * Whether someone's Stop hook sent the model back to work: exit code 2 or a "block" decision (an
   * error that did not fail) or context for it. Claude Code 2.1.329: a hook that merely failed is
   * listed in failedHookErrorIndexes and the turn is over; see fixtures stop-hook-exit2,
   * stop-hook-exit1, stop-hook-context, stop-hook-halt.
   */
  private static boolean goesOn(Row row) {
    if (row.path(PREVENTED_CONTINUATION).asBoolean(false)) {
      return false;
    }
    boolean blocked =
        row.path(FAILED_HOOK_ERROR_INDEXES).isArray()
            && row.path(HOOK_ERRORS).size() > row.path(FAILED_HOOK_ERROR_INDEXES).size();
    return blocked || !row.path(HOOK_ADDITIONAL_CONTEXT).isEmpty();
  }

  private static ClaudeLine retry(Chain chain, Row row) {
    JsonNode error = row.path(ERROR);
    String message = text(error, "formatted");
    if (message == null) {
      message = text(error, "message");
    }
    JsonNode status = error.path("status");
    return new ApiRetry(
        chain,
        message == null ? "API error" : message,
        status.isValueNode() && !status.isNull() ? status.asText() : null,
        Math.round(row.path(RETRY_IN_MS).asDouble(0)),
        row.path(RETRY_ATTEMPT).asInt(0),
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

  private static @Nullable ClaudeLine queue(Chain chain, Row row) {
    if (!row.path(OPERATION).asText("").equals("enqueue")) {
      return null;
    }
    String content = row.text(CONTENT);
    var notification = content == null ? null : UserRows.notification(content);
    return notification == null ? null : new Notified(chain, notification);
  }
}
