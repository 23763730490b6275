package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.Observations.put;

import dev.turnpike.agent.claudecode.ClaudeLine.ToolResult;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SpanId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tool calls as observations. What only a hook knows (pure execution time, the wait for permission)
 * goes to metadata.
 */
final class ToolSpans {
  private static final int STATUS_LIMIT_CHARS = 500;

  private final HookFacts hooks;
  private final Function<String, Optional<String>> wholeOutput;

  /**
   * @param wholeOutput reads the file a row names for an output too long for it
   */
  ToolSpans(HookFacts hooks, Function<String, Optional<String>> wholeOutput) {
    this.hooks = hooks;
    this.wholeOutput = wholeOutput;
  }

  Observation of(SpanId span, SpanId parent, ToolRun tool, Instant workEnd, boolean interrupted) {
    ToolResult result = tool.result();
    Instant end = tool.end() == null ? workEnd : tool.end();
    Level level = Level.DEFAULT;
    String status = null;
    if (result == null) {
      level = Level.WARNING;
      status = "no result: the turn ended first";
    } else if (result.error()) {
      // Esc makes the CLI write a refusal for what it cut.
      boolean cut = interrupted && result.denied() != null;
      level = cut ? Level.WARNING : Level.ERROR;
      status = firstLine(result.text());
    }
    var frame =
        new Frame(
            span, parent, tool.name, tool.start, end, level, status, metadata(tool, result, end));
    return new Observation.ToolCall(
        frame, tool.id, new Content.Json(ContentKind.TOOL_INPUT, tool.inputJson), output(tool));
  }

  private Content output(ToolRun tool) {
    ToolResult result = tool.result();
    if (result == null) {
      return Content.NONE;
    }
    String text = result.agentText() == null ? result.text() : result.agentText();
    if (result.persisted() != null) {
      text = wholeOutput.apply(result.persisted()).orElse(text);
    }
    if (tool.injected() != null) {
      text = text.isEmpty() ? tool.injected() : text + "\n\n" + tool.injected();
    }
    if (text.isEmpty() && !result.media().isEmpty()) {
      return new Content.Messages(
          java.util.List.of(new dev.turnpike.model.Message("user", result.media())));
    }
    return text.isEmpty() ? Content.NONE : new Content.Text(ContentKind.TOOL_OUTPUT, text);
  }

  private Map<String, String> metadata(ToolRun tool, @Nullable ToolResult result, Instant end) {
    var metadata = new LinkedHashMap<String, String>();
    if (result != null) {
      put(metadata, "permission_decision", result.decision());
      put(metadata, "permission_source", result.decisionSource());
      put(metadata, "denied", result.denied());
      put(metadata, "launched_agent", result.agentId());
      if (result.async()) {
        put(metadata, "background", "true");
      }
    }
    if (tool.server) {
      put(metadata, "server_tool", "true");
    }
    var fact = hooks.tool(tool.id);
    if (fact != null) {
      Observations.putCount(metadata, "execution_ms", fact.durationMillis());
      long wait = fact.preMillis() - tool.start.toEpochMilli();
      if (fact.preMillis() > 0 && wait >= 0 && fact.preMillis() <= end.toEpochMilli()) {
        put(metadata, "permission_wait_ms", Long.toString(wait));
      }
    }
    mcp(tool.name, fact == null ? null : fact.mcpServer(), metadata);
    return metadata;
  }

  /**
   * {@code mcp__<server>__<tool>}; a server's name may hold underscores, so the hook's word for it
   * is better.
   */
  private static void mcp(String name, @Nullable String server, Map<String, String> metadata) {
    if (!name.startsWith("mcp__")) {
      return;
    }
    String rest = name.substring("mcp__".length());
    int split = rest.indexOf("__");
    if (server != null && rest.startsWith(server + "__")) {
      split = server.length();
    }
    if (split > 0) {
      put(metadata, "mcp_server", server == null ? rest.substring(0, split) : server);
      put(metadata, "mcp_tool", rest.substring(split + 2));
    }
  }

  private static String firstLine(String text) {
    String plain = text.strip();
    int end = plain.indexOf('\n');
    return SignalParser.cut(end < 0 ? plain : plain.substring(0, end), STATUS_LIMIT_CHARS);
  }
}
