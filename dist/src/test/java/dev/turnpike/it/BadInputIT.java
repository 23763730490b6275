package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Input that no agent should give. Each has its answer, is counted where people look, and leaves
 * the daemon well: after each a real turn goes through.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {
  private static final int MIB = 1024 * 1024;

  private Path temp;
  private Workplace place;
  private FakeLangfuse server;
  private long pid;
  private int turns;
  private int calls;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    temp = folder;
    place = Workplace.open(folder);
    server = FakeLangfuse.start(Mode.EVENTS_ONLY);
    pid = place.daemon().pid();
  }

  @AfterAll
  void close() {
    place.close();
    server.close();
  }

  @AfterEach
  void aRealTurnStillGoesThrough() throws Exception {
    String session = "99999999-0000-4000-8000-%012d".formatted(turns);
    Path file = transcript(session, promptRow(session, turns), answerRow(session, turns));
    turns++;
    call(payload("UserPromptSubmit", session, file));
    call(payload("Stop", session, file));
    call(payload("SessionEnd", session, file));
    place.daemon().flush();
    assertEquals(turns, server.traces().size(), place.daemon()::log);
    server.assertClean();
    assertTrue(place.daemon().alive());
    assertEquals(pid, place.daemon().status().path("pid").asLong());
    assertTrue(place.daemon().get("/v1/health").path("ready").asBoolean());
  }

  @Test
  void anEmptyBody() throws Exception {
    assertCounted("malformed", "empty", () -> assertEquals(202, post("claude-code", new byte[0])));
  }

  @Test
  void notJson() throws Exception {
    assertCounted("malformed", "", () -> assertEquals(202, post("claude-code", ascii("hello"))));
  }

  @Test
  void binary() throws Exception {
    byte[] noise = new byte[4096];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (i * 31);
    }
    assertCounted("malformed", "", () -> assertEquals(202, post("claude-code", noise)));
  }

  @Test
  void jsonThatIsNoObject() throws Exception {
    assertCounted("malformed", "", () -> assertEquals(202, post("claude-code", ascii("[1,2]"))));
  }

  @Test
  void invalidUtf8InAPayload() throws Exception {
    byte[] payload = payload("Stop", "caf\u00e9", temp.resolve("none.jsonl"));
    String text = new String(payload, StandardCharsets.UTF_8);
    byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(202, post("claude-code", latin));
  }

  @Test
  void anUnknownEvent() throws Exception {
    byte[] payload = payload("SomethingNew", "11110000-0000-4000-8000-000000000001", temp);
    assertCounted("ignored", "", () -> assertEquals(202, post("claude-code", payload)));
  }

  @Test
  void anAgentThatIsNone() throws Exception {
    assertEquals(404, post("frobnicator", ascii("{}")));
    assertEquals(404, post("..%2f..%2fetc", ascii("{}")));
  }

  @Test
  void aPayloadAboveTheClientsLimitIsCutAndCounted() throws Exception {
    byte[] payload = new byte[16 * MIB + 1];
    Arrays.fill(payload, (byte) 'x');
    byte[] head = payload("Stop", "22220000-0000-4000-8000-000000000001", temp.resolve("none"));
    System.arraycopy(head, 0, payload, 0, head.length - 1);
    byte[] more = ascii(",\"padding\":\"");
    System.arraycopy(more, 0, payload, head.length - 1, more.length);
    call(payload);
    place.daemon().flush();
  }

  @Test
  void aBodyAboveTheGatewaysLimitIsTurnedAway() throws Exception {
    long before = place.daemon().status().path("drops").path("gateway.too_large").asLong();
    assertEquals(413, head("claude-code", 17L * MIB + 1));
    assertEquals(
        before + 1, place.daemon().status().path("drops").path("gateway.too_large").asLong());
  }

  @Test
  void aTranscriptThatIsNotThere() throws Exception {
    announce("33330000-0000-4000-8000-000000000001", temp.resolve("missing.jsonl"));
  }

  @Test
  void aTranscriptThatIsADirectory() throws Exception {
    announce(
        "33330000-0000-4000-8000-000000000002",
        Files.createDirectories(temp.resolve("directory.jsonl")));
  }

  @Test
  void aTranscriptOfAnotherUser() throws Exception {
    Path file = Path.of("/etc/passwd");
    if (Files.getAttribute(file, "unix:uid").equals(Files.getAttribute(temp, "unix:uid"))) {
      file = Files.writeString(temp.resolve("foreign.jsonl"), "{}\n");
      Files.setAttribute(file, "unix:uid", 54321);
    }
    announce("33330000-0000-4000-8000-000000000003", file);
  }

  @Test
  void aTranscriptThatIsAPipe() throws Exception {
    Path pipe = temp.resolve("pipe.jsonl");
    Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assertTrue(mkfifo.waitFor(10, TimeUnit.SECONDS));
    announce("33330000-0000-4000-8000-000000000004", pipe);
  }

  @Test
  void aTranscriptBehindASymbolicLink() throws Exception {
    Path link = temp.resolve("link.jsonl");
    Files.createSymbolicLink(link, Path.of("/etc/passwd"));
    announce("33330000-0000-4000-8000-000000000005", link);
  }

  @Test
  void aRowOf200MegabytesIsSteppedOver() throws Exception {
    String session = "44440000-0000-4000-8000-000000000001";
    Path file = transcript(session, promptRow(session, 900));
    try (var out =
        new BufferedOutputStream(
            Files.newOutputStream(file, java.nio.file.StandardOpenOption.APPEND), MIB)) {
      out.write(ascii("{\"type\":\"attachment\",\"data\":\""));
      byte[] block = new byte[MIB];
      Arrays.fill(block, (byte) 'x');
      for (int i = 0; i < 200; i++) {
        out.write(block);
      }
      out.write(ascii("\"}\n"));
      out.write(ascii(answerRow(session, 900)));
    }
    turns++;
    call(payload("UserPromptSubmit", session, file));
    call(payload("Stop", session, file));
    call(payload("SessionEnd", session, file));
    place.daemon().flush();
    assertTrue(agent().path("lines").path("oversized").asLong() >= 1, agent()::toString);
    Files.delete(file);
  }

  @Test
  void aTranscriptThatIsNoText() throws Exception {
    Path file = temp.resolve("noise.jsonl");
    byte[] noise = new byte[100_000];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (i * 31 + i / 256);
    }
    Files.write(file, noise);
    announce("33330000-0000-4000-8000-000000000006", file);
  }

  /** A turn's hooks about a file that gives nothing: it may not even lead to a trace. */
  private void announce(String session, Path file) throws Exception {
    long before = server.traces().size();
    call(payload("SessionStart", session, file));
    call(payload("Stop", session, file));
    call(payload("SessionEnd", session, file));
    place.daemon().flush();
    assertEquals(before, server.traces().size());
  }

  private JsonNode agent() throws IOException {
    return place.daemon().status().path("agents").path(0);
  }

  private interface Action {
    void run() throws IOException;
  }

  private void assertCounted(String group, String reason, Action action)
      throws IOException, InterruptedException {
    long before = counted(group, reason);
    action.run();
    Await.until(
        group + " " + reason + " is counted",
        RunningDaemon.PATIENCE,
        () -> counted(group, reason) > before);
  }

  private long counted(String group, String reason) throws IOException {
    return agent().path(group).properties().stream()
        .filter(entry -> entry.getKey().contains(reason))
        .mapToLong(entry -> entry.getValue().asLong())
        .sum();
  }

  private void call(byte[] payload) throws IOException, InterruptedException {
    new HookClient(place.daemon().home())
        .call("claude-code", payload, RunningDaemon.tracedTo(server), temp);
  }

  private int post(String agent, byte[] body) throws IOException {
    byte[] head = ascii(head(agent, body.length, ++calls));
    byte[] request = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, request, head.length, body.length);
    return new DaemonSocket(place.daemon().socket()).raw(request).status();
  }

  /** Announces a body of this length and sends none. */
  private int head(String agent, long length) throws IOException {
    return new DaemonSocket(place.daemon().socket())
        .raw(ascii(head(agent, length, ++calls)))
        .status();
  }

  private static String head(String agent, long length, int call) {
    return String.join(
        "\r\n",
        "POST /v1/events/" + agent + " HTTP/1.1",
        "Host: turnpike",
        "Connection: close",
        "Content-Length: " + length,
        "Turnpike-Protocol: 1",
        "Turnpike-Event-Id: bad-" + call,
        "Turnpike-Time: 1795178882000000000",
        "\r\n");
  }

  private static byte[] payload(String event, String session, Path transcript) {
    return Fixture.JSON
        .createObjectNode()
        .put("session_id", session)
        .put("transcript_path", transcript.toString())
        .put("cwd", "/tmp")
        .put("hook_event_name", event)
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private Path transcript(String session, String... rows) throws IOException {
    Path file = temp.resolve(session + ".jsonl");
    Files.writeString(file, String.join("", rows));
    return file;
  }

  private static String promptRow(String session, int turn) {
    return """
    {"parentUuid":null,"isSidechain":false,"type":"user","uuid":"%s","sessionId":"%s","cwd":"/tmp","version":"2.1.329","timestamp":"2026-11-21T10:00:00.000Z","message":{"role":"user","content":"Question %d"}}
    """
        .formatted(uuid(turn, 1), session, turn);
  }

  private static String answerRow(String session, int turn) {
    return """
    {"parentUuid":"%s","isSidechain":false,"type":"assistant","uuid":"%s","sessionId":"%s","cwd":"/tmp","version":"2.1.329","requestId":"req_%d","timestamp":"2026-11-21T10:00:01.000Z","message":{"id":"msg_%d","type":"message","role":"assistant","model":"claude-opus-5-5","content":[{"type":"text","text":"Answer %d"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":4}}}
    """
        .formatted(uuid(turn, 1), uuid(turn, 2), session, turn, turn, turn);
  }

  private static String uuid(int turn, int row) {
    return "%08d-0000-4000-8000-%012d".formatted(turn, row);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
