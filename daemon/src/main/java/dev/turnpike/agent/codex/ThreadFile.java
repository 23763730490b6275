package dev.turnpike.agent.codex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.AgentJson;
import dev.turnpike.agent.Line;
import dev.turnpike.agent.SessionRef.Counters;
import dev.turnpike.agent.codex.Turn.Ending;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one thread's file from a position on, as turns. Two forms of rows: with {@code
 * ordinal} and {@code item_completed} (from 0.148), with {@code user_message} and {@code *_end}
 * events (before). What is in the file decides: a resumed file may hold both. A function of the
 * rows: which turn a row belongs to never depends on when it was read.
 */
final class ThreadFile {
  private static final Set<String> UNUSED_TYPES =
      Set.of(
          "world_state",
          "inter_agent_communication",
          "inter_agent_communication_metadata",
          "dynamic_tools_updated",
          "security_risk_score",
          "realtime_item");

  private static final Set<String> UNUSED_EVENTS =
      Set.of(
          "agent_message",
          "agent_reasoning",
          "agent_reasoning_raw_content",
          "thread_settings_applied",
          "thread_name_updated",
          "thread_rolled_back",
          "context_compacted",
          "guardian_assessment",
          "thread_goal_updated",
          "dynamic_tool_call_request",
          "dynamic_tool_call_response",
          "error");

  final List<Turn> turns = new ArrayList<>();
  private final Counters counters;
  private ObjectNode meta = AgentJson.MAPPER.createObjectNode();
  private long read;
  private String total = "";
  private boolean records;

  ThreadFile(Counters counters) {
    this.counters = counters;
  }

  /** Goes on where another stood. */
  ThreadFile(Counters counters, long read, JsonNode carried) {
    this(counters);
    this.read = read;
    if (carried.path("meta") instanceof ObjectNode known) {
      meta = known.deepCopy();
    }
    total = carried.path("total").asText();
    records = carried.path("records").asBoolean();
  }

  /** What the rows before {@link #position()} told, and the others need. */
  void write(ObjectNode into) {
    into.set("meta", meta);
    into.put("total", turns.isEmpty() ? total : turns.getFirst().totalBefore);
    into.put("records", records);
  }

  /** Where the first row begins that is not accounted for. */
  long position() {
    return turns.isEmpty() ? read : turns.getFirst().from;
  }

  void restart() {
    read = 0;
    turns.clear();
    total = "";
  }

  /** A fact of the file's first row: {@code cli_version}, {@code branch}, … */
  @Nullable String fact(String name) {
    return Row.text(meta, name);
  }

  void skip(long end) {
    read = end;
  }

  private @Nullable Turn current() {
    Turn last = turns.isEmpty() ? null : turns.getLast();
    return last == null || last.over() ? null : last;
  }

  void accept(Line.Row line) {
    long start = line.start();
    long end = line.end();
    read = end;
    Row row = Row.read(line);
    if (row == null) {
      counters.count("line.unreadable");
      return;
    }
    if (row.type().equals("session_meta")) {
      // a second one is the copy of a parent's
      if (start == 0) {
        meta(row.payload());
      }
      return;
    }
    // a sub-agent's file begins with a copy of its parent's rows
    if (row.ordinal() < 0 || row.ordinal() >= meta.path("from").asLong(0)) {
      accept(row);
    }
  }

  private void accept(Row row) {
    Turn turn = current();
    switch (row.type()) {
      case "event_msg" -> event(row, turn);
      case "turn_context" -> {
        if (turn != null) {
          turn.settings(row.payload());
        }
      }
      case "response_item" -> {
        if (turn != null && !ItemRows.response(turn, row)) {
          counters.count("line.unknown.item." + word(row.kind()));
        }
      }
      case "token_usage_record" -> {
        records = true;
        Turn meant = named(row, turn);
        if (meant != null && !meant.over()) {
          meant.record(row);
        }
      }
      case "compacted" -> {
        if (turn != null) {
          turn.compacted(row);
        }
      }
      default -> {
        if (!UNUSED_TYPES.contains(row.type())) {
          counters.count("line.unknown." + word(row.type()));
        }
      }
    }
  }

  private static String word(String kind) {
    return kind.matches("[A-Za-z_]{1,40}") ? kind : "odd";
  }

  private void meta(JsonNode payload) {
    for (String name :
        List.of("id", "cli_version", "originator", "model_provider", "forked_from_id", "cwd")) {
      String text = Row.text(payload, name);
      if (text != null && text.length() <= 400) {
        meta.put(name, text);
      }
    }
    JsonNode source = payload.path("source");
    JsonNode spawn = source.path("subagent").path("thread_spawn");
    meta.put("source", source.isTextual() ? source.asText() : "subagent");
    meta.put("branch", Row.text(payload.path("git"), "branch"));
    meta.put("nickname", Row.text(spawn, "agent_nickname"));
    meta.put("role", Row.text(spawn, "agent_role"));
    meta.put("path", Row.text(spawn, "agent_path"));
    meta.put("from", payload.path("subagent_history_start_ordinal").asLong(0));
  }

  /** The turn a row names; the one that is open if it names none. */
  private @Nullable Turn named(Row row, @Nullable Turn current) {
    String id = row.text("turn_id");
    if (id == null) {
      return current;
    }
    for (Turn turn : turns) {
      if (turn.id.equals(id)) {
        return turn;
      }
    }
    return null;
  }

  private void event(Row row, @Nullable Turn turn) {
    switch (row.kind()) {
      case "task_started", "turn_started" -> begin(row, turn);
      case "task_complete", "turn_complete" -> complete(row, named(row, turn));
      case "turn_aborted" -> {
        Turn meant = named(row, turn);
        if (meant != null && !meant.over()) {
          meant.error = row.text("reason", "interrupted");
          end(meant, row, Ending.ABORTED);
        }
      }
      case "token_count" -> tokens(row, turn);
      case "item_completed" -> item(row, turn, row.payload().path("item"));
      case "user_message" -> userMessage(row, turn);
      default -> {
        if (!ItemRows.legacy(turn, row) && !UNUSED_EVENTS.contains(row.kind())) {
          counters.count("line.unknown.event." + word(row.kind()));
        }
      }
    }
  }

  private void begin(Row row, @Nullable Turn turn) {
    String id = row.text("turn_id", "");
    if (turn != null) {
      if (turn.id.equals(id)) {
        return;
      }
      turn.ending = Ending.FOLLOWED;
    }
    JsonNode says = row.payload().path("turn_attribution");
    Turn begun = open(id.isEmpty() ? "@" + row.start() : id, row);
    String root = Row.text(says, "root_turn_id");
    begun.root = root == null ? row.text("root_turn_id") : root;
    begun.parent = Row.text(says, "parent_turn_id");
    if (row.payload().path("model_context_window").isNumber()) {
      begun.put("context_window", row.payload().path("model_context_window").asText());
    }
  }

  private Turn open(String id, Row row) {
    var turn = new Turn(id, row.start(), row.at(), total);
    turns.add(turn);
    return turn;
  }

  private static void complete(Row row, @Nullable Turn turn) {
    if (turn == null || turn.over()) {
      return;
    }
    JsonNode error = row.payload().path("error");
    turn.answer = row.text("last_agent_message");
    if (row.payload().path("time_to_first_token_ms").isNumber()) {
      turn.put("time_to_first_token_ms", row.payload().path("time_to_first_token_ms").asText());
    }
    if (error.isObject()) {
      turn.error = Row.text(error, "message", "the turn failed");
    }
    end(turn, row, error.isObject() ? Ending.FAILED : Ending.COMPLETE);
  }

  private static void end(Turn turn, Row row, Ending ending) {
    turn.reach(row.at());
    turn.ending = ending;
  }

  private void tokens(Row row, @Nullable Turn turn) {
    JsonNode info = row.payload().path("info");
    if (turn != null) {
      JsonNode used = row.payload().path("rate_limits").path("primary").path("used_percent");
      turn.put("rate_limit_used_percent", used.isNumber() ? used.asText() : null);
    }
    if (!info.isObject()) {
      return;
    }
    String now = info.path("total_token_usage").toString();
    boolean fresh = !now.equals(total);
    total = now;
    if (turn != null) {
      turn.tokens(info, fresh, records);
    }
  }

  /** In files of the first versions nothing else opens a turn. */
  private void userMessage(Row row, @Nullable Turn turn) {
    Turn into = turn;
    if (into != null && into.implicit() && !into.steps.isEmpty()) {
      into.ending = Ending.FOLLOWED;
      into = null;
    }
    if (into == null) {
      into = open("@" + row.start(), row);
    }
    into.reach(row.at());
    into.prompt("@" + row.start(), row.text("message", ""), row.at());
  }

  private void item(Row row, @Nullable Turn current, JsonNode item) {
    Turn turn = named(row, current);
    Instant began = millis(row, "started_at_ms");
    Instant ended = millis(row, "completed_at_ms");
    if (turn == null) {
      return; // of a turn that is told, and nothing of it was to come any more
    }
    if (turn.over()) {
      ToolRun run = turn.runs.get(Row.text(item, "id", ""));
      if (run == null) {
        counters.count("line.late");
      } else if (run.inBackground()) {
        run.item(item, ended);
      }
      return;
    }
    if (!ItemRows.item(turn, item, row.at(), began, ended)) {
      counters.count("line.unknown.item." + word(Row.text(item, "type", "")));
    }
  }

  private static Instant millis(Row row, String name) {
    long at = row.payload().path(name).asLong(0);
    return at <= 0 ? row.at() : Instant.ofEpochMilli(at);
  }
}
