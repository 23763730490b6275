package dev.turnpike.agent.pi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

/** A hand-made session: rows as Pi writes them, requests as the extension sends them. */
final class Script {
  static final long T0 = Instant.parse("2026-11-20T10:00:00Z").toEpochMilli();

  final Rig rig;
  final String session;
  final Path file;
  private final ByteArrayOutputStream rows = new ByteArrayOutputStream();
  private final String chain;
  private final boolean pushed;
  private int number;
  private int ids;

  Script(Rig rig, String session) {
    this(rig, session, "", false);
  }

  Script(Rig rig, String session, String chain, boolean pushed) {
    this.rig = rig;
    this.session = session;
    this.chain = chain;
    this.pushed = pushed;
    this.file = Path.of("/home/dev/.pi/agent/sessions/" + session + ".jsonl");
  }

  static Script launched(Rig rig, String session, String by) {
    return new Script(rig, session, "\"" + by + "\"", true);
  }

  /** A row of any kind that was written so many milliseconds after T0. */
  String row(long at, String json) {
    String id = "e%07d".formatted(++ids);
    String head =
        "{\"id\":\"%s\",\"timestamp\":\"%s\",".formatted(id, Instant.ofEpochMilli(T0 + at));
    rows.writeBytes((head + json.substring(1) + "\n").getBytes(StandardCharsets.UTF_8));
    rig.file(file, rows.toByteArray(), rows.size());
    return id;
  }

  /** Writes the whole file anew. */
  void rewrite() {
    rows.reset();
  }

  String header(long at) {
    return row(at, "{\"type\":\"session\",\"version\":3,\"cwd\":\"/home/dev/shop\"}");
  }

  String message(long at, String message) {
    return row(at, "{\"type\":\"message\",\"message\":" + message + "}");
  }

  String user(long at, String text) {
    return message(at + 1, userMessage(at, text));
  }

  static String userMessage(long at, String text) {
    return "{\"role\":\"user\",\"content\":\"%s\",\"timestamp\":%d}".formatted(text, T0 + at);
  }

  static String answer(long at, String text, String stop, String calls) {
    String block = text.isEmpty() ? "" : "{\"type\":\"text\",\"text\":\"%s\"}".formatted(text);
    String both = block.isEmpty() || calls.isEmpty() ? block + calls : block + "," + calls;
    return """
    {"role":"assistant","content":[%s],"provider":"anthropic","model":"claude-sonnet-4.5","stopReason":"%s",\
    "usage":{"input":10,"output":5,"cacheRead":0,"cacheWrite":0,"totalTokens":15},"timestamp":%d}\
    """
        .formatted(both, stop, T0 + at);
  }

  static String call(String id, String name, String arguments) {
    return "{\"type\":\"toolCall\",\"id\":\"%s\",\"name\":\"%s\",\"arguments\":%s}"
        .formatted(id, name, arguments);
  }

  static String result(long at, String id, String text, boolean error, String more) {
    return """
    {"role":"toolResult","toolCallId":"%s","toolName":"tool","content":[{"type":"text","text":"%s"}],"isError":%s,\
    "timestamp":%d%s}\
    """
        .formatted(id, text, error, T0 + at, more);
  }

  /** One request of the extension; {@code turn} is relative to T0, below 0 for none. */
  void tell(String moment, long turn, String... records) {
    rig.deliver(body(moment, turn, ++number, records));
  }

  String body(String moment, long turn, int n, String... records) {
    return """
    {"v":1,"session":"%s"%s%s%s,"pid":1,"mode":"print","cwd":"/home/dev/shop","pi":"0.87.1","n":%d,"moment":"%s",\
    "records":[%s]}\
    """
        .formatted(
            session,
            chain.isEmpty() ? "" : ",\"chain\":[" + chain + "]",
            pushed ? ",\"push\":true" : ",\"file\":\"" + file + "\"",
            turn < 0 ? "" : ",\"turn\":" + (T0 + turn),
            n,
            moment,
            String.join(",", records));
  }

  static String record(String kind, long at, String more) {
    return "{\"k\":\"%s\",\"t\":%d%s}".formatted(kind, T0 + at, more);
  }

  void prompt(long at, String text) {
    tell(
        "prompt",
        at,
        record(
            "prompt", at, ",\"m\":%d,\"role\":\"user\",\"text\":\"%s\"".formatted(T0 + at, text)));
    if (pushed) {
      push(at, at, userMessage(at, text));
    }
  }

  void push(long turn, long at, String message) {
    tell("activity", turn, record("message", at, ",\"message\":" + message));
  }

  void settled(long turn, long at) {
    tell("settled", turn, record("settled", at, ""));
  }

  void end(long at) {
    tell("end", -1, record("end", at, ",\"reason\":\"quit\""));
  }
}
