package dev.turnpike.agent.claudecode;

import static dev.turnpike.agent.claudecode.LineParser.text;
import static dev.turnpike.agent.claudecode.Member.IS_COMPACT_SUMMARY;
import static dev.turnpike.agent.claudecode.Member.IS_META;
import static dev.turnpike.agent.claudecode.Member.MESSAGE;
import static dev.turnpike.agent.claudecode.Member.ORIGIN;
import static dev.turnpike.agent.claudecode.Member.PERMISSION_DECISION;
import static dev.turnpike.agent.claudecode.Member.SOURCE_TOOL_USE_ID;
import static dev.turnpike.agent.claudecode.Member.TOOL_DENIAL_KIND;
import static dev.turnpike.agent.claudecode.Member.TOOL_USE_RESULT;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.claudecode.ClaudeLine.Chain;
import dev.turnpike.agent.claudecode.ClaudeLine.CompactSummary;
import dev.turnpike.agent.claudecode.ClaudeLine.Injected;
import dev.turnpike.agent.claudecode.ClaudeLine.Interrupt;
import dev.turnpike.agent.claudecode.ClaudeLine.LocalOutput;
import dev.turnpike.agent.claudecode.ClaudeLine.Notification;
import dev.turnpike.agent.claudecode.ClaudeLine.Opener;
import dev.turnpike.agent.claudecode.ClaudeLine.OpenerKind;
import dev.turnpike.agent.claudecode.ClaudeLine.ToolResult;
import dev.turnpike.agent.claudecode.ClaudeLine.ToolResults;
import dev.turnpike.agent.claudecode.Members.Row;
import dev.turnpike.model.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * User rows, which are anything but what a user typed most of the time: contracts/claude-code.md
 * sections 2.5 and 3.1.
 */
final class UserRows {
  private static final Pattern PERSISTED =
      Pattern.compile("(?s).{0,2000}?((?:/|[A-Za-z]:\\\\)[^\\n]*tool-results[/\\\\][^\\s\"'<>]+)");

  private static final String PERSISTED_TAG = "<persisted-output>";

  /** Where a result says what it is; the rest may be a long text. */
  private static final int HEAD_CHARS = 4096;

  /** Where that tag stands: first, or behind a line such as {@code Exit code 1}. */
  private static final int TAG_CHARS = 512;

  private static final Pattern LAUNCHED =
      Pattern.compile(
          "agentId: ([A-Za-z0-9_-]{1,100})|\"resumedAgentId\":\"([A-Za-z0-9_-]{1,100})\"");

  /** Commands of the CLI that the model never answers. */
  private static final Set<String> SILENT_COMMANDS =
      Set.of(
          "/clear",
          "/compact",
          "/model",
          "/cost",
          "/help",
          "/config",
          "/status",
          "/context",
          "/exit",
          "/quit",
          "/resume",
          "/rename",
          "/usage",
          "/login",
          "/logout",
          "/theme",
          "/vim",
          "/permissions",
          "/hooks",
          "/mcp",
          "/agents",
          "/memory",
          "/export",
          "/doctor",
          "/fast",
          "/effort",
          "/plugin",
          "/add-dir",
          "/branch",
          "/fork",
          "/rewind",
          "/stats");

  private UserRows() {}

  static ClaudeLine classify(Chain chain, Row row) {
    JsonNode content = row.path(MESSAGE).path("content");
    List<ToolResult> results = results(content, row);
    if (!results.isEmpty()) {
      return new ToolResults(chain, results);
    }
    String text = plainText(content);
    if (row.path(IS_COMPACT_SUMMARY).asBoolean(false)) {
      return new CompactSummary(chain, text);
    }
    if (text.startsWith("[Request interrupted by user")) {
      return new Interrupt(chain);
    }
    if (row.path(IS_META).asBoolean(false)) {
      String kind = row.path(ORIGIN).path("kind").asText("");
      return new Injected(chain, text, row.text(SOURCE_TOOL_USE_ID), kind.equals("coordinator"));
    }
    Notification notification = notification(text);
    boolean notified = row.path(ORIGIN).path("kind").asText("").equals("task-notification");
    if (notification != null || notified) {
      return new Opener(chain, OpenerKind.TASK_NOTIFICATION, text, media(content), notification);
    }
    if (text.startsWith("<local-command-")) {
      return new LocalOutput(chain, text, false);
    }
    if (text.startsWith("<bash-stdout>") || text.startsWith("<bash-stderr>")) {
      return new LocalOutput(chain, text, true);
    }
    if (text.startsWith("<command-name>") || text.startsWith("<command-message>")) {
      return command(chain, text);
    }
    if (text.startsWith("<bash-input>")) {
      String command = tag(text, "bash-input");
      return new Opener(
          chain, OpenerKind.BASH_INPUT, "!" + (command == null ? "" : command), List.of(), null);
    }
    return new Opener(chain, OpenerKind.PROMPT, text, media(content), null);
  }

  /** Prompt commands name their message first, those of the CLI itself their name (2.1.329). */
  private static ClaudeLine command(Chain chain, String text) {
    String name = tag(text, "command-name");
    if (name == null) {
      return new Opener(chain, OpenerKind.PROMPT, text, List.of(), null);
    }
    String slashed = name.startsWith("/") ? name : "/" + name;
    if (SILENT_COMMANDS.contains(slashed)) {
      return new LocalOutput(chain, text, false);
    }
    String args = tag(text, "command-args");
    String readable = args == null || args.isBlank() ? slashed : slashed + " " + args;
    return new Opener(
        chain,
        text.startsWith("<command-name>") ? OpenerKind.BUILT_IN_COMMAND : OpenerKind.SLASH_COMMAND,
        readable,
        List.of(),
        null);
  }

  static @Nullable Notification notification(String text) {
    if (!text.stripLeading().startsWith("<task-notification>")) {
      return null;
    }
    return new Notification(tag(text, "task-id"), tag(text, "tool-use-id"), tag(text, "status"));
  }

  private static @Nullable String tag(String text, String name) {
    int start = text.indexOf("<" + name + ">");
    if (start < 0) {
      return null;
    }
    int from = start + name.length() + 2;
    int end = text.indexOf("</" + name + ">", from);
    return end < 0 ? text.substring(from).strip() : text.substring(from, end).strip();
  }

  /** A string, or the text blocks of a list. */
  static String plainText(JsonNode content) {
    if (content.isTextual()) {
      return content.asText();
    }
    var text = new StringBuilder();
    for (JsonNode block : content) {
      if (block.path("type").asText("").equals("text")) {
        text.append(text.isEmpty() ? "" : "\n").append(block.path("text").asText(""));
      }
    }
    return text.toString();
  }

  static List<Part> media(JsonNode content) {
    var parts = new ArrayList<Part>();
    if (content.isArray()) {
      for (JsonNode block : content) {
        String type = block.path("type").asText("");
        if (type.equals("image") || type.equals("document")) {
          JsonNode source = block.path("source");
          String mime = text(source, "media_type");
          parts.add(
              new Part.Media(
                  mime == null ? type : mime, base64Bytes(source.path("data").asText(""))));
        }
      }
    }
    return parts;
  }

  private static long base64Bytes(String data) {
    long padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
    return data.isEmpty() ? 0 : data.length() / 4L * 3 - padding;
  }

  private static List<ToolResult> results(JsonNode content, Row row) {
    var results = new ArrayList<ToolResult>();
    if (!content.isArray()) {
      return results;
    }
    for (JsonNode block : content) {
      String id = text(block, "tool_use_id");
      if (id != null && block.path("type").asText("").equals("tool_result")) {
        results.add(result(id, block, row));
      }
    }
    return results;
  }

  private static ToolResult result(String id, JsonNode block, Row row) {
    JsonNode structured = row.path(TOOL_USE_RESULT);
    String text = plainText(block.path("content"));
    boolean async =
        structured.path("isAsync").asBoolean(false)
            || "async_launched".equals(text(structured, "status"));
    String agent = text(structured, "agentId");
    if (agent == null) {
      agent = text(structured, "resumedAgentId");
    }
    int head = Math.min(text.length(), HEAD_CHARS);
    if (agent == null && structured.isMissingNode()) {
      // Rows inside a sub-agent's file have no toolUseResult: the note for the model names the
      // agent.
      async |= text.startsWith("Async agent launched");
      boolean note =
          async
              || text.substring(0, head).contains("[Subagent hand-back]")
              || text.startsWith("{\"success\"");
      var named = LAUNCHED.matcher(text).region(0, head);
      if (note && named.find()) {
        agent = named.group(1) == null ? named.group(2) : named.group(1);
      }
    }
    JsonNode decision = row.path(PERMISSION_DECISION);
    return new ToolResult(
        id,
        text,
        agentText(structured),
        media(block.path("content")),
        block.path("is_error").asBoolean(false),
        row.text(TOOL_DENIAL_KIND),
        agent != null && AgentName.isWellFormed(agent) ? agent : null,
        async,
        text(structured, "runId"),
        persisted(text),
        text(decision, "decision"),
        text(decision, "source"));
  }

  /** The file that holds the whole output; null if the row does. */
  private static @Nullable String persisted(String text) {
    int tag = text.indexOf(PERSISTED_TAG, 0, Math.min(text.length(), TAG_CHARS));
    if (tag < 0) {
      return null;
    }
    var named =
        PERSISTED
            .matcher(text)
            .region(tag + PERSISTED_TAG.length(), Math.min(text.length(), HEAD_CHARS));
    return named.lookingAt() ? named.group(1) : null;
  }

  /** What the sub-agent said, without the frame the CLI puts around it for the model. */
  private static @Nullable String agentText(JsonNode structured) {
    if (text(structured, "agentId") == null || !structured.path("content").isArray()) {
      return null;
    }
    var text = new StringBuilder();
    for (JsonNode block : structured.path("content")) {
      String part = block.path("text").asText("");
      if (!part.startsWith("<tools-used-before-summary>")) {
        text.append(text.isEmpty() ? "" : "\n").append(part);
      }
    }
    return text.isEmpty() ? null : text.toString();
  }
}
