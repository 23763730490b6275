package dev.turnpike.agent.codex;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.AgentJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rows of the model's work and of tools, into the turn they belong to. */
final class ItemRows {
  private static final Set<String> UNUSED_ITEMS =
      Set.of(
          "AgentMessage",
          "Reasoning",
          "Plan",
          "ContextCompaction",
          "Sleep",
          "EnteredReviewMode",
          "ExitedReviewMode",
          "FunctionCallOutput");

  private static final Set<String> UNUSED_RESPONSES =
      Set.of(
          "compaction",
          "context_compaction",
          "ghost_snapshot",
          "additional_tools",
          "configuration_update",
          "other");

  private static final String TASK = "Message Type: NEW_TASK";
  private static final String PAYLOAD = "Payload:\n";

  private ItemRows() {}

  // ---- what went to the model and came from it

  /**
   * @return whether the kind is known
   */
  static boolean response(Turn turn, Row row) {
    JsonNode p = row.payload();
    String callId = row.text("call_id", row.text("id", "@" + row.start()));
    switch (row.kind()) {
      case "message" -> {
        // the user's words are in an item; role user also has what the harness puts in
        if ("assistant".equals(row.text("role"))) {
          turn.said(row);
        }
      }
      case "reasoning" -> turn.reasoned(row);
      case "agent_message" -> agentMessage(turn, row);
      case "function_call" -> turn.asked(row, callId, name(p), row.text("arguments", ""));
      case "custom_tool_call" -> turn.asked(row, callId, name(p), row.text("input", ""));
      case "local_shell_call" ->
          turn.asked(row, callId, "local_shell", p.path("action").toString());
      case "tool_search_call" ->
          turn.asked(row, callId, "tool_search", p.path("arguments").toString());
      case "web_search_call" ->
          turn.asked(row, callId, "web_search", p.path("action").toString()).serverSide = true;
      case "image_generation_call" ->
          turn.asked(row, callId, "image_generation", row.text("revised_prompt", "")).serverSide =
              true;
      case "function_call_output", "custom_tool_call_output", "tool_search_output" ->
          turn.output(row);
      default -> {
        return UNUSED_RESPONSES.contains(row.kind());
      }
    }
    return true;
  }

  /** Between agents: a task for this thread is its prompt, what another reports is heard. */
  private static void agentMessage(Turn turn, Row row) {
    String text = Row.readable(row.payload().path("content"));
    int payload = text.indexOf(PAYLOAD);
    String body = payload < 0 ? text : text.substring(payload + PAYLOAD.length()).strip();
    turn.reach(row.at());
    if (!text.startsWith(TASK)) {
      turn.hear(body, row.at());
    } else if (!body.isEmpty()) {
      turn.prompt(row.text("id", "@" + row.start()), body, row.at());
    } else {
      turn.hear("", row.at());
    }
  }

  /**
   * {@code shop.get_stock} for a server's tool, {@code collaboration.spawn_agent} for one in
   * another namespace.
   */
  private static String name(JsonNode call) {
    String name = Row.text(call, "name", "tool");
    String space = Row.text(call, "namespace", "");
    if (space.startsWith("mcp__")) {
      space = space.substring("mcp__".length());
    } else if (space.isEmpty() && name.startsWith("mcp__") && name.indexOf("__", 5) > 0) {
      int middle = name.indexOf("__", 5);
      return name.substring(5, middle) + "." + name.substring(middle + 2);
    }
    while (space.endsWith("_")) {
      space = space.substring(0, space.length() - 1);
    }
    return space.isEmpty() ? name : space + "." + name;
  }

  // ---- items, from 0.148

  /**
   * @return whether the kind is known
   */
  static boolean item(Turn turn, JsonNode item, Instant row, Instant began, Instant ended) {
    String id = Row.text(item, "id", "");
    String kind = Row.text(item, "type", "");
    turn.reach(row);
    switch (kind) {
      case "UserMessage" -> turn.prompt(id, Row.readable(item.path("content")), row);
      case "HookPrompt" -> {
        String text = Row.readable(item.path("fragments"));
        turn.remarks.add(new Turn.Remark(id, "hook prompt", text, row));
        turn.hear(text, row);
      }
      case "SubAgentActivity" -> activity(turn, item, id, began, ended);
      case "CollabAgentToolCall" -> {
        tool(turn, item, id, began, ended);
        if (Row.text(item, "tool", "").contains("spawn")) {
          item.path("receiver_thread_ids")
              .forEach(thread -> turn.summon(thread.asText(), id, began, true));
        }
      }
      case "CommandExecution",
          "FileChange",
          "McpToolCall",
          "WebSearch",
          "ImageView",
          "ImageGeneration",
          "DynamicToolCall" ->
          tool(turn, item, id, began, ended);
      default -> {
        return UNUSED_ITEMS.contains(kind);
      }
    }
    return true;
  }

  private static void activity(Turn turn, JsonNode item, String id, Instant began, Instant ended) {
    String kind = Row.text(item, "kind", "");
    boolean started = kind.equals("started");
    if (!started && !kind.equals("interacted")) {
      return;
    }
    if (started && !turn.runs.containsKey(id)) {
      ToolRun run = turn.run(id, began);
      run.name = "collaboration.spawn_agent";
      run.item(item, ended);
    }
    turn.summon(Row.text(item, "agent_thread_id", ""), id, began, started);
  }

  private static void tool(Turn turn, JsonNode item, String id, Instant began, Instant ended) {
    boolean known = turn.runs.containsKey(id);
    ToolRun run = turn.run(id, began);
    if (!known) {
      describe(run, item);
    }
    run.item(item, ended);
  }

  /** No row of the model asks for it: the item has all there is. */
  private static void describe(ToolRun run, JsonNode item) {
    JsonNode input = null;
    switch (Row.text(item, "type", "")) {
      case "CommandExecution" -> {
        boolean users = Row.text(item, "source", "").equals("user_shell");
        run.name = users ? "user shell" : "exec_command";
        input = AgentJson.MAPPER.createObjectNode().put("cmd", command(item.path("command")));
      }
      case "FileChange" -> {
        run.name = "apply_patch";
        input = item.path("changes");
      }
      case "McpToolCall" -> {
        run.name = Row.text(item, "server", "mcp") + "." + Row.text(item, "tool", "tool");
        input = item.path("arguments");
      }
      case "WebSearch" -> {
        run.name = "web_search";
        run.serverSide = true;
        input = item.path("action");
      }
      case "ImageView" -> {
        run.name = "view_image";
        input = AgentJson.MAPPER.createObjectNode().put("path", Row.text(item, "path", ""));
      }
      default -> run.name = Row.text(item, "tool", Row.text(item, "type", "tool"));
    }
    if (input != null && input.isContainerNode()) {
      run.input = input.toString();
      run.json = true;
    }
  }

  /** {@code ["/bin/bash","-lc","wc -l stock.csv"]}: what the shell was given. */
  private static String command(JsonNode words) {
    var all = new ArrayList<String>();
    words.forEach(word -> all.add(word.asText()));
    boolean shell = all.size() == 3 && all.get(1).matches("-l?c");
    return shell ? all.getLast() : String.join(" ", all);
  }

  // ---- events of their own, up to 0.147

  /**
   * @return whether the kind is known
   */
  static boolean legacy(@Nullable Turn turn, Row row) {
    boolean end =
        switch (row.kind()) {
          case "exec_command_end",
              "patch_apply_end",
              "mcp_tool_call_end",
              "web_search_end",
              "view_image_tool_call",
              "collab_agent_spawn_end" ->
              true;
          default -> false;
        };
    if (!end) {
      return row.kind().startsWith("collab_") || row.kind().endsWith("_begin");
    }
    if (turn != null) {
      String id = row.text("call_id", "");
      ToolRun run = turn.runs.get(id);
      turn.reach(row.at());
      if (row.kind().equals("collab_agent_spawn_end")) {
        turn.summon(row.text("new_thread_id", ""), id, row.at(), true);
      } else if (run != null) {
        run.item(row.payload(), row.at());
      }
    }
    return true;
  }
}
