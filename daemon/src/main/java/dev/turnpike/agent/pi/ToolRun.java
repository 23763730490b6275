package dev.turnpike.agent.pi;

import static dev.turnpike.agent.pi.ItemParser.put;

import dev.turnpike.agent.pi.Item.Answer;
import dev.turnpike.agent.pi.Item.Call;
import dev.turnpike.agent.pi.Item.Result;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SpanId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One tool call of a turn: what the model asked for, what came back, and when it ran. Results stand
 * in the file in the order of the calls, after all have ended (Pi 0.87.1, fixture parallel_tools);
 * when each really ran only the extension tells.
 *
 * @param ended absent if it never ended
 */
record ToolRun(
    Answer asked,
    Call call,
    @Nullable Result result,
    SpanId span,
    Instant began,
    @Nullable Instant ended) {
  private static final int LIMIT_STATUS_CHARS = 500;

  static ToolRun of(
      Answer asked, Call call, @Nullable Result result, @Nullable Heard heard, SpanId span) {
    Instant asking = Instant.ofEpochMilli(asked.when());
    Instant began =
        heard == null ? asked.at() : heard.toolBegan(call.id(), asking).orElse(asked.at());
    Instant told = heard == null ? null : heard.toolEnded(call.id(), began).orElse(null);
    Instant ended = told != null || result == null ? told : Instant.ofEpochMilli(result.when());
    return new ToolRun(asked, call, result, span, began, ended);
  }

  boolean ranAt(Instant moment) {
    return !moment.isBefore(began) && (ended == null || !moment.isAfter(ended));
  }

  /**
   * @param turnEnd what a call lasts at most that never ended
   * @param interrupted the turn was: what it cut off is no failure of the tool
   */
  Observation observation(SpanId parent, Instant turnEnd, boolean interrupted) {
    Level level = Level.DEFAULT;
    String status = null;
    var metadata = new LinkedHashMap<String, String>();
    if (result == null) {
      level = Level.WARNING;
      status = "interrupted";
    } else {
      metadata.putAll(result.more());
      if (result.error()) {
        boolean cut = interrupted && result.text().toLowerCase(Locale.ROOT).contains("abort");
        level = cut ? Level.WARNING : Level.ERROR;
        status = lastLine(result.text());
      }
    }
    put(metadata, "mcp_tool", call.name().startsWith("mcp__") ? call.name() : null);
    var frame =
        new Frame(
            span,
            parent,
            call.name(),
            began,
            ended == null ? turnEnd : ended,
            level,
            status,
            metadata);
    return new Observation.ToolCall(
        frame, call.id(), new Content.Json(ContentKind.TOOL_INPUT, call.arguments()), output());
  }

  private Content output() {
    if (result == null) {
      return Content.NONE;
    }
    if (result.text().isEmpty()) {
      return Generations.messages("user", result.media());
    }
    return new Content.Text(ContentKind.TOOL_OUTPUT, result.text());
  }

  /** A shell command's output comes first, "Command exited with code 3" at the end. */
  private static String lastLine(String text) {
    String plain = text.strip();
    String line =
        plain.startsWith("Validation failed")
            ? plain.lines().findFirst().orElse("")
            : plain.substring(plain.lastIndexOf('\n') + 1);
    return line.length() <= LIMIT_STATUS_CHARS ? line : line.substring(0, LIMIT_STATUS_CHARS);
  }
}
