package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.opencode.Conversation.Permission;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.SpanId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a tool call went. A command that ended with another code than 0 is "completed" for OpenCode,
 * and one without a code was killed.
 */
final class ToolSpan {
  private ToolSpan() {}

  static Frame frame(
      SpanId id,
      SpanId parent,
      ChatMessage call,
      ChatPart tool,
      Instant start,
      Instant end,
      @Nullable Permission permission) {
    JsonNode exit = tool.state().path("metadata").path("exit");
    boolean cut =
        !tool.settled() || exit.isNull() || (tool.status().equals("error") && call.aborted());
    boolean failed = tool.status().equals("error") || tool.invalid();
    boolean nonZero = exit.isNumber() && exit.asLong() != 0;
    Level level =
        cut || (nonZero && !failed) ? Level.WARNING : failed ? Level.ERROR : Level.DEFAULT;
    String status =
        cut
            ? "cut off"
            : failed
                ? Outcome.said("error", text(tool))
                : nonZero ? "exit code " + exit.asText() : null;
    return new Frame(
        id, parent, tool.tool(), start, end, level, status, metadata(tool, permission));
  }

  /** What the model was given; of a call that was cut off, what there was. */
  static String text(ChatPart tool) {
    String output = Json.text(tool.state(), "output");
    if (output != null) {
      return output;
    }
    String error = Json.text(tool.state(), "error");
    return error == null ? tool.partialOutput() : error;
  }

  static Content output(ChatPart tool) {
    String text = text(tool);
    return text.isEmpty() ? Content.NONE : new Content.Text(ContentKind.TOOL_OUTPUT, text);
  }

  private static Map<String, String> metadata(ChatPart tool, @Nullable Permission permission) {
    var metadata = new LinkedHashMap<String, String>();
    JsonNode said = tool.state().path("metadata");
    if (said.path("exit").isNumber()) {
      metadata.put("exit_code", said.path("exit").asText());
    }
    if (said.path("truncated").asBoolean(false)) {
      metadata.put("truncated", "true");
    }
    Spans.put(metadata, "output_path", Json.text(said, "outputPath"));
    int attachments = tool.state().path("attachments").size();
    if (attachments > 0) {
      metadata.put("attachments", Integer.toString(attachments));
    }
    if (permission != null) {
      Spans.put(metadata, "permission", permission.reply);
      Duration wait = permission.waited();
      if (wait != null) {
        metadata.put("permission_wait_ms", Long.toString(wait.toMillis()));
      }
    }
    return metadata;
  }
}
