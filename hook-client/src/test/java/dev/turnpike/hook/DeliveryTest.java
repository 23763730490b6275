package dev.turnpike.hook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon listens: what it gets, and what the client makes of its answer. */
@ParameterizedClass
@MethodSource("dev.turnpike.hook.Client#programs")
class DeliveryTest {

  private static final int LIMIT = 16 << 20;
  private static final String KEPT = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
  private static final Client.Result SILENT = new Client.Result(0, "", "");

  @Parameter Path program = Path.of("");
  @TempDir Path home = Path.of("");
  private Client client = new Client(program, home);

  @BeforeEach
  void newClient() {
    client = new Client(program, home);
  }

  /**
   * Runs the client until the daemon's answer came in time. The client's 200 ms are real, and on a
   * crowded machine the daemon of a test may miss them; then the event is rightly spooled. A client
   * that never takes the answer fails here all the same.
   */
  private Client.Result deliver(FakeDaemon daemon, byte[] body, String agent) throws Exception {
    for (int attempt = 0; attempt < 10; attempt++) {
      Client.Result result = client.run(body, agent);
      List<Path> late = client.spooled();
      if (late.isEmpty()) {
        while (daemon.waiting() > 1) {
          daemon.request(); // of an attempt before
        }
        return result;
      }
      for (Path event : late) {
        Files.delete(event);
      }
    }
    throw new AssertionError("the client took no answer in ten attempts");
  }

  private Client.Result deliver(FakeDaemon daemon, byte[] body) throws Exception {
    return deliver(daemon, body, "claude-code");
  }

  private Client.Result deliver(FakeDaemon daemon, String agent) throws Exception {
    return deliver(daemon, "{}".getBytes(UTF_8), agent);
  }

  private Client.Result deliver(FakeDaemon daemon) throws Exception {
    return deliver(daemon, "claude-code");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2048, 65_536, 65_537, 200 * 1024, LIMIT - 1, LIMIT})
  void bodyArrivesByteForByte(int length) throws Exception {
    byte[] body = new byte[length];
    new Random(length).nextBytes(body);
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), KEPT)) {
      assertEquals(SILENT, deliver(daemon, body));
      Request request = daemon.request();
      assertArrayEquals(body, request.body());
      assertEquals(List.of(), request.headers("Turnpike-Truncated"));
    }
    assertEquals(List.of(), client.spooled());
  }

  @Test
  void bodyBeyondTheLimitIsCutAndSaysSoAndTheAgentCanWriteItAll() throws Exception {
    byte[] body = new byte[LIMIT + 300_000];
    new Random(7).nextBytes(body);
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), KEPT)) {
      assertEquals(SILENT, deliver(daemon, body));
      Request request = daemon.request();
      assertEquals(LIMIT, request.body().length);
      assertArrayEquals(Arrays.copyOf(body, LIMIT), request.body());
      assertEquals(String.valueOf(LIMIT), request.header("Turnpike-Truncated"));
    }
  }

  @Test
  void oneByteBeyondTheLimitIsAlreadyCut() throws Exception {
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), KEPT)) {
      assertEquals(SILENT, deliver(daemon, new byte[LIMIT + 1]));
      assertEquals(String.valueOf(LIMIT), daemon.request().header("Turnpike-Truncated"));
    }
  }

  @Test
  void headSaysWhatTheProtocolAsks() throws Exception {
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), KEPT)) {
      client.run("{}", "kiro-ide", "prompt submit\r\nX: y");
      Request request = daemon.request();
      assertEquals("POST /v1/events/kiro-ide HTTP/1.1", request.headLines().getFirst());
      assertEquals("turnpike", request.header("Host"));
      assertEquals("close", request.header("Connection"));
      assertEquals("application/octet-stream", request.header("Content-Type"));
      assertEquals("2", request.header("Content-Length"));
      assertEquals("1", request.header("Turnpike-Protocol"));
      assertEquals(System.getProperty("hook.version"), request.header("Turnpike-Client"));
      assertEquals(home.toRealPath().toString(), Request.decode(request.header("Turnpike-Cwd")));
      assertEquals(
          String.valueOf(ProcessHandle.current().pid()), request.header("Turnpike-Parent-Pid"));
      assertEquals("prompt%20submit%0D%0AX:%20y", request.header("Turnpike-Event"));
      assertTrue(request.header("Turnpike-Event-Id").matches("[A-Za-z0-9._-]{1,80}"));
      assertTrue(request.header("Turnpike-Time").matches("[0-9]{19}"));
      assertEquals(List.of(), request.headers("X"));
    }
  }

  @Test
  void eventIdsDiffer() throws Exception {
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), KEPT)) {
      client.run("{}", "claude-code");
      client.run("{}", "claude-code");
      assertNotEquals(
          daemon.request().header("Turnpike-Event-Id"),
          daemon.request().header("Turnpike-Event-Id"));
    }
  }

  @Test
  void workingDirectoryOfAnyBytesSurvives() throws Exception {
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), KEPT)) {
      String script =
          "d=$(printf 'a b\\n"
              + "%%41\\001\\200\\377#x'); mkdir \"$d\"; cd \"$d\"; exec \"$HOOK\" codex";
      assertEquals(SILENT, client.runScript(script));
      String cwd = Request.decode(daemon.request().header("Turnpike-Cwd"));
      assertEquals("a b\n%41\u0001\u0080\u00ff#x", cwd.substring(cwd.lastIndexOf('/') + 1));
    }
  }

  @Test
  void removedWorkingDirectoryIsLeftOut() throws Exception {
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), KEPT)) {
      String script = "mkdir gone; cd gone; rmdir ../gone; exec \"$HOOK\" codex";
      assertEquals(SILENT, client.runScript(script));
      assertEquals(List.of(), daemon.request().headers("Turnpike-Cwd"));
    }
  }

  @Test
  void cursorGetsTheAnswerWhereThereIsOne() throws Exception {
    String answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n{\"env\":1}";
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), answer)) {
      assertEquals(new Client.Result(0, "{\"env\":1}", ""), deliver(daemon, "cursor"));
      daemon.request();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"decision\":\"allow\"}", "\u0000\u00ff\r\n", "x"})
  void bodyOfTheAnswerIsPrinted(String body) throws Exception {
    String answer =
        "HTTP/1.1 202 Accepted\r\nTurnpike-Event-Id: a\r\ncontent-LENGTH:  %d \r\n\r\n%s"
            .formatted(body.length(), body);
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), answer)) {
      assertEquals(new Client.Result(0, body, ""), deliver(daemon));
      daemon.request();
    }
  }

  @Test
  void answerMayComeInSingleBytes() throws Exception {
    String answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
    FakeDaemon.Manner bytewise =
        connection -> {
          for (int at = 0; at < answer.length(); at++) {
            FakeDaemon.write(connection, answer.substring(at, at + 1));
          }
        };
    try (FakeDaemon daemon = FakeDaemon.behaving(client.socket(), bytewise)) {
      assertEquals(new Client.Result(0, "{\"a\":1}", ""), deliver(daemon));
      daemon.request();
    }
    assertEquals(List.of(), client.spooled());
  }

  @Test
  void largestAnswerIsPrintedWhole() throws Exception {
    String body = "y".repeat(64 << 10);
    String answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 65536\r\n\r\n" + body;
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), answer)) {
      assertEquals(new Client.Result(0, body, ""), deliver(daemon));
      daemon.request();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.0 202 \r\n\r\nunmeasured",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 65537\r\n\r\nx",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 99999999999999999999999\r\n\r\nx",
        "HTTP/1.1 202 Accepted\r\nContent-Length: -1\r\n\r\nx",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\ncut",
        "HTTP/1.1 202 Accepted\r\nX-Content-Length: 1\r\n\r\nx",
      })
  void acceptedEventIsDoneWithEvenIfTheAnswersBodyIsNotWhole(String answer) throws Exception {
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), answer)) {
      assertEquals(SILENT, deliver(daemon));
      daemon.request();
    }
    assertEquals(List.of(), client.spooled());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope",
        "HTTP/1.1 413 Too Large\r\n\r\n",
        "HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 2024 Hm\r\n\r\n",
        "HTTP/1.1 20\r\n\r\n",
        "HTTP/1.\r\n\r\n",
        "\r\n\r\n",
        "",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 202 Accepted\r\nContent-Len",
        "\u0000\u0001\u00fe\u00ff\r\n\r\n",
      })
  void anyOtherAnswerMeansSpool(String answer) throws Exception {
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), answer)) {
      assertEquals(SILENT, client.run("{\"a\":1}", "claude-code"));
      assertArrayEquals(daemon.request().raw(), client.onlySpooled().raw());
    }
  }

  @Test
  void headWithoutEndMeansSpool() throws Exception {
    String answer = "HTTP/1.1 202 Accepted\r\nX: " + "x".repeat(100_000);
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), answer)) {
      assertEquals(SILENT, client.run("{}", "claude-code"));
      assertArrayEquals(daemon.request().raw(), client.onlySpooled().raw());
    }
  }

  @Test
  void daemonThatNeverAnswersMeansSpool() throws Exception {
    var over = new CountDownLatch(1);
    try (FakeDaemon daemon = FakeDaemon.behaving(client.socket(), connection -> over.await())) {
      assertEquals(SILENT, client.run("{}", "claude-code"));
      assertArrayEquals(daemon.request().raw(), client.onlySpooled().raw());
    } finally {
      over.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 2 << 20})
  void daemonThatNeverAcceptsMeansSpool(int length) throws Exception {
    try (var _ = FakeDaemon.silent(client.socket())) {
      assertEquals(SILENT, client.run(new byte[length], "claude-code"));
      assertEquals(length, client.onlySpooled().body().length);
    }
  }

  @Test
  void daemonThatHangsUpWhileStdinIsReadMeansSpool() throws Exception {
    try (FakeDaemon daemon = FakeDaemon.silent(client.socket())) {
      Client.Running running = client.start("claude-code");
      try (var stdin = running.process().getOutputStream()) {
        daemon.accept().close();
        stdin.write('7');
      }
      assertEquals(SILENT, running.result());
      assertEquals("7", new String(client.onlySpooled().body(), UTF_8));
    }
  }

  @Test
  void fullBacklogMeansSpool() throws Exception {
    List<SocketChannel> crowd = new ArrayList<>();
    try (var _ = FakeDaemon.silent(client.socket())) {
      var address = UnixDomainSocketAddress.of(client.socket());
      boolean room = true;
      while (room) {
        SocketChannel one = SocketChannel.open(StandardProtocolFamily.UNIX);
        crowd.add(one);
        one.configureBlocking(false);
        room = connects(one, address);
      }
      assertEquals(SILENT, client.run("{}", "claude-code"));
      assertEquals(2, client.onlySpooled().body().length);
    } finally {
      for (SocketChannel one : crowd) {
        one.close();
      }
    }
  }

  private static boolean connects(SocketChannel channel, UnixDomainSocketAddress address) {
    try {
      return channel.connect(address);
    } catch (IOException e) {
      return false; // EAGAIN: the backlog is full
    }
  }

  @Test
  void daemonThatHangsUpInTheMiddleOfTheBodyMeansSpool() throws Exception {
    byte[] body = new byte[4 << 20];
    new Random(3).nextBytes(body);
    try (FakeDaemon daemon = FakeDaemon.silent(client.socket())) {
      Client.Running running = client.start("claude-code");
      Thread agent =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (var stdin = running.process().getOutputStream()) {
                      stdin.write(body);
                    } catch (IOException e) {
                      throw new AssertionError("the client must read it all", e);
                    }
                  });
      try (SocketChannel connection = daemon.accept()) {
        connection.read(ByteBuffer.allocate(1000));
      }
      assertEquals(SILENT, running.result());
      agent.join();
      assertArrayEquals(body, client.onlySpooled().body());
    }
  }

  @Test
  void cursorAlwaysGetsJson() throws Exception {
    var json = new Client.Result(0, "{}", "");
    assertEquals(json, client.run("{}", "cursor"));
    try (FakeDaemon daemon = FakeDaemon.answering(client.socket(), KEPT)) {
      assertEquals(json, client.run("{}", "cursor"));
      daemon.request();
    }
  }

  @Test
  void socketIsFoundInTheRuntimeDirectoryToo() throws Exception {
    Path directory = Files.createDirectory(home.resolve("turnpike"));
    client.without("TURNPIKE_HOME").with("XDG_RUNTIME_DIR", home.toString());
    client.with("XDG_STATE_HOME", home.resolve("state").toString());
    try (FakeDaemon daemon = FakeDaemon.answering(directory.resolve("turnpike.sock"), KEPT)) {
      assertEquals(SILENT, client.run("{}", "claude-code"));
      assertEquals("2", daemon.request().header("Content-Length"));
    }
  }

  @Test
  void namedSocketWinsAndIsTheOnlyOneTried() throws Exception {
    Path named = home.resolve("named.sock");
    client.with("TURNPIKE_SOCKET", named.toString());
    try (FakeDaemon other = FakeDaemon.answering(client.socket(), KEPT)) {
      try (FakeDaemon daemon = FakeDaemon.answering(named, KEPT)) {
        assertEquals(SILENT, deliver(daemon));
        daemon.request();
      }
      assertEquals(SILENT, client.run("[]", "claude-code"));
      assertArrayEquals("[]".getBytes(UTF_8), client.onlySpooled().body());
      assertEquals(0, other.waiting());
    }
  }
}
