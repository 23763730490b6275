package dev.turnpike.agent.claudecode;

import static dev.turnpike.testing.Contents.text;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnpike.agent.Circumstances;
import dev.turnpike.testing.Told.Trace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;

/**
 * Hand-made sessions: writes rows as Claude Code does and plays hooks, one second after the other.
 */
final class Script {
  static final String SESSION = "5e551011-0000-4000-8000-000000000001";

  private static final JsonMapper JSON = new JsonMapper();

  final Path main;
  final Rig rig;
  private Instant now = Instant.parse("2026-11-20T10:00:00Z");
  private String parent = "";
  private int rows;
  String prompt = "p1";
  private Path file;

  Script(Path home) {
    this(home, new Rig(false));
  }

  Script(Path home, Rig rig) {
    this.main = home.resolve(".claude/projects/-home-dev-shop/" + SESSION + ".jsonl");
    this.file = main;
    this.rig = rig;
  }

  /** Rows go there from now on. */
  Script into(Path other) {
    file = other;
    return this;
  }

  Path agentFile(String id) {
    return main.resolveSibling(SESSION).resolve("subagents/agent-" + id + ".jsonl");
  }

  Script meta(String id, String json) throws IOException {
    Path path = agentFile(id).resolveSibling("agent-" + id + ".meta.json");
    Files.createDirectories(path.getParent());
    Files.writeString(path, json);
    return this;
  }

  Script raw(byte[] bytes) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return this;
  }

  /** A row with the usual fields; {@code json} adds its own or replaces them. Returns its uuid. */
  String row(String json) throws IOException {
    now = now.plusSeconds(1);
    rows++;
    String uuid = "u" + rows;
    ObjectNode row = JSON.createObjectNode();
    row.put("uuid", uuid).put("timestamp", now.toString()).put("sessionId", SESSION);
    row.put("version", "2.1.329");
    if (parent.isEmpty()) {
      row.putNull("parentUuid");
    } else {
      row.put("parentUuid", parent);
    }
    row.setAll((ObjectNode) JSON.readTree(json));
    raw((JSON.writeValueAsString(row) + "\n").getBytes(StandardCharsets.UTF_8));
    parent = row.path("uuid").asText();
    return parent;
  }

  String user(String text) throws IOException {
    return row(
        "{\"type\":\"user\",\"promptId\":\""
            + prompt
            + "\",\"message\":{\"role\":\"user\",\"content\":"
            + quoted(text)
            + "}}");
  }

  String says(String id, String text) throws IOException {
    return block(id, "{\"type\":\"text\",\"text\":" + quoted(text) + "}", "end_turn", 5, 0);
  }

  String uses(String id, String tool, String name, String input) throws IOException {
    return block(
        id,
        "{\"type\":\"tool_use\",\"id\":\""
            + tool
            + "\",\"name\":\""
            + name
            + "\",\"input\":"
            + input
            + "}",
        "tool_use",
        7,
        0);
  }

  String block(String id, String block, String stop, int output, int index) throws IOException {
    return row(
        "{\"type\":\"assistant\",\"apiBlockIndex\":"
            + index
            + ",\"message\":{\"id\":\""
            + id
            + "\",\"role\":\"assistant\",\"model\":\"claude-opus-5-5\",\"content\":["
            + block
            + "],\"stop_reason\":"
            + (stop == null ? "null" : quoted(stop))
            + ",\"usage\":{\"input_tokens\":10,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":"
            + output
            + "}}}");
  }

  String result(String tool, String text) throws IOException {
    return result(tool, text, "");
  }

  String result(String tool, String text, String more) throws IOException {
    return row(
        "{\"type\":\"user\",\"promptId\":\""
            + prompt
            + "\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\""
            + tool
            + "\",\"content\":"
            + quoted(text)
            + "}]}"
            + more
            + "}");
  }

  String mark() throws IOException {
    return row(
        "{\"type\":\"system\",\"subtype\":\"stop_hook_summary\",\"hookErrors\":[],\"failedHookErrorIndexes\":[]}");
  }

  static String quoted(String text) throws IOException {
    return JSON.writeValueAsString(text);
  }

  Script hook(String event, String more) throws IOException {
    fires(event, more).isHeard();
    return this;
  }

  /** A hook that has fired and is not heard yet. */
  interface Fired {
    void isHeard() throws IOException;
  }

  Fired fires(String event, String more) {
    now = now.plusSeconds(1);
    Instant at = now;
    byte[] payload = payload(event, more).getBytes(StandardCharsets.UTF_8);
    return () -> rig.deliver(payload, at);
  }

  String payload(String event, String more) {
    return "{\"session_id\":\""
        + SESSION
        + "\",\"transcript_path\":\""
        + main
        + "\",\"cwd\":\"/home/dev/shop\",\"prompt_id\":\""
        + prompt
        + "\",\"hook_event_name\":\""
        + event
        + "\""
        + more
        + "}";
  }

  Script starts() throws IOException {
    return hook("SessionStart", ",\"source\":\"startup\"");
  }

  Script stops(String text) throws IOException {
    return hook("Stop", ",\"last_assistant_message\":" + quoted(text));
  }

  Script look(Circumstances circumstances) {
    rig.look(circumstances);
    return this;
  }

  List<Trace> traces() {
    return rig.told().traces();
  }

  Trace only() {
    var traces = traces();
    if (traces.size() != 1) {
      throw new AssertionError(
          "traces: "
              + traces.size()
              + " "
              + traces.stream().map(t -> text(t.root().input())).toList());
    }
    return traces.getFirst();
  }
}
