package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.image.Image;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.LangfuseRow;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The receiver of telemetry in the real daemon: when it listens, and that what it took stays. */
class TelemetryIT {
  private static final String TOKEN = "0123456789abcdef".repeat(3);
  private static final int SENDERS = 4;
  private static final int KILLS = 6;
  private static final int TAKEN_BETWEEN_KILLS = 15;

  @TempDir Path temp;

  @Test
  void nothingListensUntilAnAgentNeedsIt() throws Exception {
    int port = freePort();
    var environment = Map.of("TURNPIKE_OTLP_PORT", Integer.toString(port));
    try (var daemon = RunningDaemon.start(temp.resolve("tp"), environment)) {
      daemon.flush();
      assertEquals(Set.of(), listening(daemon.pid()));
      Path token = token(daemon);
      Await.until(
          "it listens", RunningDaemon.PATIENCE, () -> listening(daemon.pid()).contains(port));
      assertEquals(Set.of(port), listening(daemon.pid()));
      Files.delete(token);
      Await.until(
          "it listens no more", RunningDaemon.PATIENCE, () -> listening(daemon.pid()).isEmpty());
    }
  }

  /** Each body is answered 200 and the daemon killed at once; the turn needs all three. */
  @Test
  void aTurnSurvivesAKillBehindEachOfItsBodies() throws Exception {
    int port = freePort();
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var daemon = RunningDaemon.start(temp.resolve("tp"), environment(server, port))) {
      token(daemon);
      Path bodies = Image.project().resolve("fixtures/otel/by-the-book/otlp");
      for (int n = 1; n <= 3; n++) {
        byte[] body = Files.readAllBytes(bodies.resolve("000%d-traces.body".formatted(n)));
        awaitPort(port);
        assertEquals(200, post(port, body));
        daemon.kill();
        daemon.restart();
      }
      awaitPort(port);
      byte[] again = Files.readAllBytes(bodies.resolve("0003-traces.body"));
      assertEquals(200, post(port, again));
      daemon.flush();
      List<LangfuseRow> rows = server.rows();
      assertEquals(8, rows.stream().map(LangfuseRow::id).distinct().count());
      assertEquals(1, rows.stream().map(LangfuseRow::traceId).distinct().count());
      assertEquals(0, server.divergentDuplicates());
      LangfuseRow root = rows.stream().filter(LangfuseRow::root).findFirst().orElseThrow();
      assertEquals("What does an apple cost?", root.input());
      assertEquals("An apple costs 1.20 €.", root.output());
    }
  }

  /** Killed while requests are under way: whatever was answered 200 arrives. */
  @Test
  void whatWasAnsweredArrives() throws Exception {
    int port = freePort();
    Set<String> taken = ConcurrentHashMap.newKeySet();
    var number = new AtomicInteger();
    var stop = new AtomicBoolean();
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var daemon = RunningDaemon.start(temp.resolve("tp"), environment(server, port))) {
      token(daemon);
      var senders = new ArrayList<Thread>();
      for (int n = 0; n < SENDERS; n++) {
        senders.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (!stop.get()) {
                        String trace = "%032x".formatted(number.incrementAndGet());
                        if (tried(port, trace)) {
                          taken.add(trace);
                        }
                      }
                    }));
      }
      for (int n = 0; n < KILLS; n++) {
        int enough = taken.size() + TAKEN_BETWEEN_KILLS;
        Await.until("spans are taken", RunningDaemon.PATIENCE, () -> taken.size() >= enough);
        daemon.kill();
        daemon.restart();
      }
      stop.set(true);
      for (Thread sender : senders) {
        sender.join();
      }
      daemon.flush();
      Set<String> arrived =
          server.rows().stream().map(LangfuseRow::traceId).collect(Collectors.toSet());
      var lost = new TreeSet<>(taken);
      lost.removeAll(arrived);
      assertEquals(Set.of(), lost);
      assertTrue(taken.size() >= KILLS * TAKEN_BETWEEN_KILLS);
      assertEquals(0, server.divergentDuplicates());
    }
  }

  private static boolean tried(int port, String trace) {
    String span =
        """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"example"}}]},"scopeSpans":[{"spans":[
         {"traceId":"%s","spanId":"00000000000000a1","name":"chat","startTimeUnixNano":"1795179600000000000","endTimeUnixNano":"1795179601000000000","attributes":[
          {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.conversation.id","value":{"stringValue":"conversation-%s"}}]}]}]}]}\
        """
            .formatted(trace, trace.substring(trace.length() - 1));
    try {
      return post(port, span.getBytes(StandardCharsets.UTF_8)) == 200;
    } catch (IOException e) {
      // it is down; gently, or two cores do nothing else
      java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static int post(int port, byte[] body) throws IOException, InterruptedException {
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/otel/v1/traces".formatted(port)))
              .timeout(RunningDaemon.PATIENCE)
              .header("Content-Type", "application/json")
              .header("x-turnpike-token", TOKEN)
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static void awaitPort(int port) throws InterruptedException {
    byte[] none = "{}".getBytes(StandardCharsets.UTF_8);
    Await.until(
        "telemetry is received",
        RunningDaemon.PATIENCE,
        () -> {
          try {
            return post(port, none) == 200;
          } catch (IOException e) {
            return false;
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  /**
   * As {@code turnpike install} writes it, which would put a daemon of its own in place of ours.
   */
  private static Path token(RunningDaemon daemon) throws IOException {
    Path folder = Files.createDirectories(daemon.home().resolve("state/otlp"));
    Path token = folder.resolve("otel.token");
    Path made = Files.writeString(folder.resolve("new"), TOKEN);
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
    return Files.move(made, token);
  }

  private static Map<String, String> environment(FakeLangfuse server, int port) {
    var environment = new HashMap<>(RunningDaemon.tracedTo(server));
    environment.put("TURNPIKE_OTLP_PORT", Integer.toString(port));
    return environment;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** TCP ports a process listens on, by what the kernel says. */
  private static Set<Integer> listening(long pid) {
    try {
      var sockets = new HashSet<String>();
      try (Stream<Path> open = Files.list(Path.of("/proc/%d/fd".formatted(pid)))) {
        for (Path one : open.toList()) {
          if (Files.isSymbolicLink(one)) {
            sockets.add(Files.readSymbolicLink(one).toString());
          }
        }
      }
      var ports = new LinkedHashSet<Integer>();
      for (String table : List.of("tcp", "tcp6")) {
        for (String line : Files.readAllLines(Path.of("/proc/%d/net/%s".formatted(pid, table)))) {
          String[] cells = line.strip().split("\\s+", -1);
          // sl local_address rem_address st ... inode; 0A: it listens
          if (cells.length > 9
              && cells[3].equals("0A")
              && sockets.contains("socket:[" + cells[9] + "]")) {
            ports.add(Integer.parseInt(cells[1].substring(cells[1].indexOf(':') + 1), 16));
          }
        }
      }
      return ports;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
