package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers and daemons of different versions. */
class SkewIT {
  private static final String BODY = "{\"hook_event_name\":\"SessionEnd\",\"session_id\":\"s-1\"}";

  @TempDir Path temp;

  @Test
  void aClientOlderOrNewerThanTheDaemonIsServed() throws Exception {
    try (var daemon = RunningDaemon.start(temp.resolve("tp"))) {
      var socket = new DaemonSocket(daemon.socket());
      // as little as there ever was
      assertEquals(202, socket.raw(hook("old", "")).status());
      // as much as there may ever be
      String later =
          String.join(
              "\r\n",
              "Turnpike-Protocol: 99",
              "Turnpike-Client: 99.0.0",
              "Turnpike-Mood: good",
              "Turnpike-Env: TURNPIKE_LATER=1",
              "");
      assertEquals(202, socket.raw(hook("new", later)).status());
      assertEquals(202, socket.raw(hook("new", later)).status(), "the same once more");
      assertEquals(404, socket.ask("GET", "/v2/status").status());
      daemon.flush();
      var agent =
          daemon
              .status()
              .path("agents")
              .valueStream()
              .filter(one -> one.path("agent").asText().equals("claude-code"))
              .findFirst()
              .orElseThrow();
      assertEquals(2, agent.path("accepted").asInt(), agent::toString);
      assertEquals(1, agent.path("duplicates").asInt(), agent::toString);
      assertTrue(daemon.status().path("hookClients").has("99.0.0"), daemon.status()::toString);
    }
  }

  private static byte[] hook(String id, String more) {
    return ("POST /v1/events/claude-code HTTP/1.1\r\nHost: turnpike\r\nConnection: close\r\n"
            + "Turnpike-Event-Id: %s\r\nTurnpike-Time: 1795178884950046808\r\n".formatted(id)
            + "Turnpike-Env: TRACE_TO_LANGFUSE=true\r\n"
            + more
            + "Content-Length: %d\r\n\r\n%s".formatted(BODY.length(), BODY))
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** 404: an older daemon that does not know the question. 200: one whose answer we do not know. */
  @ParameterizedTest
  @ValueSource(ints = {200, 404, 426, 500})
  void ourProgramsBearADaemonOfAnotherVersion(int status) throws Exception {
    Path home = Files.createDirectories(temp.resolve("tp"));
    try (var _ = new OtherDaemon(home.resolve("turnpike.sock"), status)) {
      for (String command :
          List.of("status", "traces", "sessions", "outbox", "destinations", "version", "doctor")) {
        RunningDaemon.Said said = RunningDaemon.command(home, Map.of(), command);
        assertFalse(said.text().contains("bug in turnpike"), command + ": " + said.text());
        assertFalse(said.text().contains("Exception"), command + ": " + said.text());
      }
      // the client's own promise is checked by it
      var client = new HookClient(home);
      client.call("claude-code", BODY.getBytes(StandardCharsets.UTF_8), Map.of(), temp);
      assertEquals(1, client.spooled(), "no 202: it is kept");
    }
  }

  /** Answers everything alike. */
  private static final class OtherDaemon implements AutoCloseable {
    private final ServerSocketChannel server;
    private final byte[] answer;

    OtherDaemon(Path socket, int status) throws IOException {
      String body = "{\"mood\":\"good\"}";
      this.answer =
          "HTTP/1.1 %d Whatever\r\nTurnpike-Version: 0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(status, body.length(), body)
              .getBytes(StandardCharsets.US_ASCII);
      this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
      var question = ByteBuffer.allocate(64 << 10);
      try {
        while (true) {
          try (SocketChannel caller = server.accept()) {
            caller.read(question.clear());
            caller.write(ByteBuffer.wrap(answer));
          }
        }
      } catch (ClosedChannelException e) {
        Thread.currentThread().interrupt(); // closed: the test is over
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
