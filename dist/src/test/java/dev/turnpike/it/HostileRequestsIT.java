package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Requests made to harm: names that lead elsewhere, headers that end too early, or never. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsIT {
  private static final Duration HEAD_MUST_BE_THERE = Duration.ofSeconds(10);
  private static final int CONNECTIONS = 256;

  private Path temp;
  private Path work;
  private Workplace place;
  private FakeLangfuse server;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    temp = folder;
    work = Files.createDirectories(folder.resolve("work"));
    place = Workplace.open(folder);
    server = FakeLangfuse.start(Mode.EVENTS_ONLY);
  }

  @AfterAll
  void close() {
    place.close();
    server.close();
  }

  @AfterEach
  void theDaemonIsWell() throws Exception {
    assertTrue(place.daemon().get("/v1/health").path("ready").asBoolean());
  }

  @Test
  void noIdLeadsOutOfTheDaemonsOwnFolders() throws Exception {
    Set<String> before = outside();
    for (String session :
        List.of(
            "../../../../../../escaped",
            "..",
            "/etc/escaped",
            "a/../../../../escaped",
            "..%2f..%2fescaped",
            "escaped\\..\\..\\x",
            "~/escaped",
            "${HOME}/escaped",
            "escaped;touch escaped")) {
      call(session, work.resolve("none.jsonl").toString());
      String encoded =
          java.net.URLEncoder.encode(session, StandardCharsets.UTF_8).replace("+", "%20");
      ask("GET", "/v1/sessions/claude-code/" + encoded);
      ask("DELETE", "/v1/sessions/claude-code/" + encoded);
      ask("GET", "/v1/traces/local/" + encoded);
      ask("GET", "/v1/traces/local?session=" + encoded);
    }
    place.daemon().flush();
    assertEquals(before, outside());
    try (Stream<Path> own = Files.walk(place.daemon().home())) {
      assertEquals(List.of(), own.filter(file -> file.toString().contains("escaped")).toList());
    }
    assertEquals(List.of(), server.traces());
  }

  @Test
  void noTranscriptPathLeadsToWhatIsNoTranscript() throws Exception {
    Path inside = Files.writeString(temp.resolve("tp/state/decoy.jsonl"), "{\"type\":\"user\"}\n");
    int n = 0;
    for (String path :
        List.of(
            "/etc/passwd",
            work + "/../../../../../../../../etc/passwd",
            "../../etc/passwd",
            "/proc/self/environ",
            "/proc/self/fd/0",
            "/dev/zero",
            "/dev/stdin",
            "/proc/kmsg",
            inside.toString(),
            "\u0000/etc/passwd",
            "x".repeat(5000))) {
      call("55550000-0000-4000-8000-%012d".formatted(n++), path);
    }
    place.daemon().flush();
    assertEquals(List.of(), server.traces());
    assertFalse(place.daemon().log().contains("root:x:0"));
  }

  @Test
  void lineBreaksInWhatTheClientSendsMakeNoHeaders() throws Exception {
    String evil = "x\r\nTurnpike-Event-Id: forged\r\nContent-Length: 0\r\n\r\nGET /v1/shutdown";
    long pid = place.daemon().status().path("pid").asLong();
    Map<String, String> environment = new HashMap<>(RunningDaemon.tracedTo(server));
    for (String name : List.of("LANGFUSE_USER_ID", "TURNPIKE_TAGS", "CLAUDE_PROJECT_DIR")) {
      environment.put(name, evil);
    }
    Path cwd = Files.createDirectories(work.resolve("a\r\nTurnpike-Event-Id: forged\r\n"));
    long before = accepted();
    new HookClient(place.daemon().home())
        .call(
            "claude-code",
            payload("66660000-0000-4000-8000-000000000001", "/none"),
            environment,
            cwd);
    new HookClient(place.daemon().home())
        .call("claude-code\r\nX: y", payload("s", "/none"), environment, work);
    place.daemon().flush();
    assertEquals(before + 1, accepted());
    assertEquals(pid, place.daemon().status().path("pid").asLong());
  }

  @Test
  void noAnswerRepeatsALineBreakOfTheRequest() throws Exception {
    for (String target :
        List.of(
            "/v1/sessions/claude-code/a%0d%0aX-Evil:%201",
            "/v1/traces/local/abcd%0d%0aX-Evil:%201",
            "/v1/config/explain?key=a%0d%0aX-Evil:%201",
            "/v1/a%0d%0aX-Evil:%201")) {
      DaemonSocket.Answer answer = ask("GET", target);
      assertTrue(answer.status() >= 400, target);
      assertFalse(answer.head().contains("X-Evil"), answer.head());
    }
  }

  @Test
  void contradictingLengthsAreRefused() throws Exception {
    String event = "POST /v1/events/claude-code HTTP/1.1\r\nHost: t\r\nTurnpike-Protocol: 1\r\n";
    for (String lengths :
        List.of(
            "Content-Length: 2\r\nContent-Length: 40\r\n",
            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: -1\r\n",
            "Content-Length : 2\r\n",
            "Content-Length: 2, 3\r\n",
            "Content-Length: 99999999999999999999\r\n")) {
      var answer = raw(event + lengths + "\r\n{}GET /v1/status HTTP/1.1\r\nHost: t\r\n\r\n");
      assertTrue(answer.status() >= 400, lengths + answer.head());
      assertFalse(answer.text().contains("uptimeSeconds"), lengths);
    }
  }

  @Test
  void headsWithoutEndAreCutOff() throws Exception {
    assertEquals(
        431, raw("GET /v1/status HTTP/1.1\r\nHost: t\r\nX: " + "x".repeat(1 << 20)).status());
    assertEquals(
        431, raw("GET /v1/status HTTP/1.1\r\n" + "X-Many: 0123456789\r\n".repeat(20_000)).status());
    assertEquals(414, raw("GET /" + "x".repeat(100_000) + " HTTP/1.1\r\n\r\n").status());
  }

  /** Who drips does not keep his place by dripping, and hooks lose nothing meanwhile. */
  @Test
  void slowCallersAreHungUpOnAndHooksGoOn() throws Exception {
    long before = accepted();
    var slow = new ArrayList<SocketChannel>();
    try {
      for (int i = 0; i < CONNECTIONS + 20; i++) {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        slow.add(channel);
        channel.connect(UnixDomainSocketAddress.of(place.daemon().socket()));
        drip(channel);
      }
      for (int i = 0; i < 3; i++) {
        call("77770000-0000-4000-8000-%012d".formatted(i), "/none");
      }
      long deadline = System.nanoTime() + HEAD_MUST_BE_THERE.multipliedBy(9).toNanos();
      while (!slow.isEmpty() && System.nanoTime() < deadline) {
        slow.removeIf(channel -> !drip(channel));
        Thread.sleep(500);
      }
      assertEquals(0, slow.size(), "still there, one byte at a time");
      place.daemon().flush();
      assertEquals(before + 3, accepted(), place.daemon()::log);
      assertTrue(place.daemon().status().path("drops").path("gateway.connections").asLong() > 0);
    } finally {
      for (SocketChannel channel : slow) {
        channel.close();
      }
    }
  }

  /** One byte of a head. False if nobody listens any more. */
  private static boolean drip(SocketChannel channel) {
    try {
      channel.write(ByteBuffer.wrap(new byte[] {'G'}));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private long accepted() throws IOException {
    return place.daemon().status().path("agents").path(0).path("accepted").asLong();
  }

  private DaemonSocket.Answer ask(String method, String target) throws IOException {
    return new DaemonSocket(place.daemon().socket()).ask(method, target);
  }

  private DaemonSocket.Answer raw(String request) throws IOException {
    return new DaemonSocket(place.daemon().socket())
        .raw(request.getBytes(StandardCharsets.US_ASCII));
  }

  private void call(String session, String transcript) throws Exception {
    new HookClient(place.daemon().home())
        .call("claude-code", payload(session, transcript), RunningDaemon.tracedTo(server), work);
  }

  private byte[] payload(String session, String transcript) {
    return Fixture.JSON
        .createObjectNode()
        .put("session_id", session)
        .put("transcript_path", transcript)
        .put("cwd", work.toString())
        .put("hook_event_name", "SessionStart")
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  /** All paths but the daemon's own. */
  private Set<String> outside() throws IOException {
    try (Stream<Path> all = Files.walk(temp)) {
      return all.filter(path -> !path.startsWith(place.daemon().home()))
          .map(Path::toString)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
