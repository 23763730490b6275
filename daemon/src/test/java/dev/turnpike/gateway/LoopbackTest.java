package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.inbox.Inbox;
import dev.turnpike.inbox.InboxLimits;
import dev.turnpike.inbox.Terms;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.journal.Journal;
import dev.turnpike.journal.JournalLimits;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.otlp.Source;
import dev.turnpike.otlp.Span;
import dev.turnpike.otlp.SpanEnvelope;
import dev.turnpike.platform.Counters;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The receiver of telemetry on a real port, before a real inbox. */
@Timeout(60)
final class LoopbackTest {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final String GOOD =
      """
      {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"ours"}}]},"scopeSpans":[{"spans":[
       {"traceId":"0d790dbb58164a8c084ac8ca3f78ef8c","spanId":"09d55557e4993534","name":"n","startTimeUnixNano":"5","attributes":[
        {"key":"session","value":{"stringValue":"one"}},{"key":"bulky","value":{"stringValue":"much"}}]}]}]}]}\
      """;

  @TempDir Path directory;
  private Journal journal;
  private Inbox inbox;
  private Gateway gateway;
  private OtlpReceiver receiver;
  private final GatewayCounters counters = new GatewayCounters();
  private Terms terms = new Terms.Traced(DestinationId.LOCAL);
  private int declined;
  private volatile int port;
  private Path token;

  @BeforeEach
  void open() throws IOException {
    open(GatewayLimits.DEFAULTS, InboxLimits.STANDARD);
  }

  private void open(GatewayLimits limits, InboxLimits room) throws IOException {
    token = directory.resolve("otlp/test.token");
    Files.createDirectories(token.getParent());
    Files.writeString(token, TOKEN + "\n");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    journal =
        Journal.open(directory.resolve("journal"), JournalLimits.STANDARD, InstantSource.system());
    inbox =
        Inbox.open(
            directory.resolve("inbox"),
            directory.resolve("spool"),
            journal,
            room,
            (caller, environment) -> terms,
            kept -> kept,
            new Counters(),
            DurableFiles.real());
    receiver =
        new OtlpReceiver(
            inbox,
            (caller, environment) -> terms,
            new Ours(),
            event -> {
              declined++;
              return CompletableFuture.completedFuture(null);
            },
            counters,
            InstantSource.system());
    gateway =
        Gateway.open(
            new GatewaySetup(
                directory.resolve("turnpike.sock"),
                null,
                Files.getOwner(directory),
                "0.1.0",
                Map.of(new AgentId("ours"), ""),
                limits,
                Optional.of(
                    new OtlpSetup(receiver, token.getParent(), () -> OptionalInt.of(port)))),
            new FakeIntake(Files.createDirectories(directory.resolve("spills"))),
            new FakeHouse().controls(directory.resolve("log")),
            counters);
  }

  @AfterEach
  void close() throws Exception {
    gateway.close();
    inbox.close();
    journal.close();
  }

  private record Ours() implements SpanOwners {
    private static final AgentId ID = new AgentId("ours");

    @Override
    public Set<AgentId> emitters() {
      return Set.of(ID);
    }

    @Override
    public Optional<AgentId> owner(Source source, Optional<AgentId> named) {
      return named.or(() -> source.service().equals("ours") ? Optional.of(ID) : Optional.empty());
    }

    @Override
    public String session(AgentId owner, Source source, Span span) {
      return span.text("session").orElse("");
    }

    @Override
    public boolean keeps(AgentId owner, String attribute) {
      return !attribute.equals("bulky");
    }
  }

  private String head(String target, String more, int length) {
    return "POST %s HTTP/1.1\nHost: 127.0.0.1:%d\n%sContent-Length: %d\n\n"
        .formatted(target, gateway.telemetryPort().orElseThrow(), more, length);
  }

  private static final String JSON = "Content-Type: application/json\n";
  private static final String WITH = JSON + "x-turnpike-token: " + TOKEN + "\n";

  /** The whole answer, read to the end of the connection. */
  private String ask(String head, byte[] body) throws IOException {
    try (var socket =
        new Socket(InetAddress.getLoopbackAddress(), gateway.telemetryPort().orElseThrow())) {
      String closing = head.replaceFirst("\nHost", "\nConnection: close\nHost");
      socket
          .getOutputStream()
          .write(closing.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(body);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String post(String target, String more, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return ask(head(target, more, bytes.length), bytes);
  }

  private static void assertStatus(int status, String answer) {
    assertEquals("HTTP/1.1 " + status, answer.substring(0, 12), answer);
  }

  @Test
  void spansAreInTheJournalWhenTheyAreAnswered() throws Exception {
    String answer = post("/v1/traces", WITH, GOOD);
    assertStatus(200, answer);
    assertTrue(answer.endsWith("{}"));
    Event event = journal.view().pendingEvents().getFirst();
    assertEquals(new AgentId("ours"), event.agent());
    assertEquals(SpanEnvelope.EVENT_NAME, event.caller().eventName());
    var body = (dev.turnpike.model.EventBody.Inline) event.body();
    String text = new String(body.bytes(), StandardCharsets.UTF_8);
    assertTrue(text.startsWith("{\"session\":\"one\",\"trace\":\"0d79"), text);
    assertTrue(!text.contains("bulky"), text);
    assertStatus(200, post("/ours/v1/traces", WITH, GOOD));
    assertEquals(1, journal.view().pendingEventCount(), "the same spans again");
    assertEquals(1, counters.duplicates(new AgentId("ours")));
  }

  @Test
  void aSpanWithoutASessionFollowsItsTrace() throws Exception {
    assertStatus(200, post("/v1/traces", WITH, GOOD));
    String child =
        GOOD.replace("09d55557e4993534", "1f40f21aae07d63f").replace("\"session\"", "\"none\"");
    assertStatus(200, post("/v1/traces", WITH, child));
    assertStatus(200, post("/v1/traces", WITH, child.replace("0d790dbb", "1d790dbb")));
    assertEquals(
        java.util.List.of("one", "one", "1d790dbb58164a8c084ac8ca3f78ef8c"),
        journal.view().pendingEvents().stream().map(LoopbackTest::session).toList());
  }

  private static String session(Event event) {
    var body = (dev.turnpike.model.EventBody.Inline) event.body();
    try (var in = new java.io.ByteArrayInputStream(body.bytes())) {
      return SpanEnvelope.head(in).orElseThrow().session().value();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void onlyWhoKnowsTheTokenIsHeard() throws Exception {
    for (String more :
        new String[] {
          JSON,
          JSON + "x-turnpike-token: " + TOKEN.replace('0', '1') + "\n",
          JSON + "x-turnpike-token:\n",
          JSON + "Authorization: Basic " + TOKEN + "\n"
        }) {
      assertStatus(401, post("/v1/traces", more, GOOD));
      assertStatus(401, post("/v1/traces", more, "x".repeat(100_000)));
    }
    assertEquals(0, journal.view().pendingEventCount());
    assertEquals(8, counters.refused().get("gateway.otlp_token"));
    assertStatus(200, post("/v1/traces", JSON + "Authorization: Bearer " + TOKEN + "\n", GOOD));
  }

  @Test
  void noWebPageIsHeard() throws Exception {
    assertStatus(403, post("/v1/traces", WITH + "Origin: http://127.0.0.1\n", GOOD));
    assertStatus(403, post("/v1/traces", WITH + "Referer: http://localhost/\n", GOOD));
    String head = head("/v1/traces", WITH, GOOD.length());
    byte[] body = GOOD.getBytes(StandardCharsets.UTF_8);
    for (String host : new String[] {"evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""}) {
      assertStatus(403, ask(head.replaceFirst("Host: .*\n", "Host: " + host + "\n"), body));
    }
    assertStatus(403, ask(head.replaceFirst("Host: .*\n", "Host: a\nHost: localhost\n"), body));
    for (String host : new String[] {"localhost:4319", "LOCALHOST", "[::1]:1", "127.0.0.1"}) {
      assertStatus(200, ask(head.replaceFirst("Host: .*\n", "Host: " + host + "\n"), body));
    }
  }

  @Test
  void nothingElseIsServedThere() throws Exception {
    assertStatus(404, post("/v1/events/ours", WITH, "{}"));
    assertStatus(404, post("/v1/shutdown", WITH, ""));
    assertStatus(404, post("/elsewhere/v1/traces", WITH, GOOD));
    String get = head("/v1/traces", WITH, 0).replaceFirst("POST", "GET");
    assertStatus(405, ask(get, new byte[0]));
    assertStatus(415, post("/v1/traces", WITH.replace("application/json", "text/plain"), GOOD));
    assertStatus(415, post("/v1/traces", WITH + "Content-Encoding: zstd\n", GOOD));
  }

  @Test
  void metricsAndLogsAreCountedAndDropped() throws Exception {
    assertStatus(200, post("/v1/metrics", WITH, "x".repeat(200_000)));
    assertStatus(200, post("/v1/logs", WITH, "{}"));
    assertEquals(1, counters.shortfalls().get("otlp.metrics"));
    assertEquals(1, counters.shortfalls().get("otlp.logs"));
    assertEquals(0, journal.view().pendingEventCount());
  }

  @Test
  void whatCannotBeReadIsRefusedAndLeavesNothing() throws Exception {
    assertStatus(400, post("/v1/traces", WITH, "{\"resourceSpans\":["));
    assertStatus(400, post("/v1/traces", WITH + "Content-Encoding: gzip\n", GOOD));
    var zip = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(zip)) {
      for (int n = 0; n < 17; n++) {
        out.write(new byte[1 << 20]);
      }
    }
    String head = head("/v1/traces", WITH + "Content-Encoding: gzip\n", zip.size());
    assertStatus(400, ask(head, zip.toByteArray()));
    assertStatus(400, post("/v1/traces", WITH, "x".repeat(300_000)));
    assertStatus(413, ask(head("/v1/traces", WITH, 18 << 20), new byte[0]));
    assertEquals(4, counters.refused().get("gateway.otlp_undecodable"));
    try (var files = Files.list(directory.resolve("inbox"))) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void spansOfNobodyAndBadOnesAreSaid() throws Exception {
    String answer = post("/v1/traces", WITH, GOOD.replace("\"ours\"", "\"other\""));
    assertStatus(200, answer);
    assertTrue(answer.contains("\"rejectedSpans\":\"1\""), answer);
    assertTrue(
        post("/v1/traces", WITH, GOOD.replace("09d55557e4993534", "nothing"))
            .contains("\"rejectedSpans\":\"1\""));
    assertEquals(0, journal.view().pendingEventCount());
  }

  @Test
  void tracingThatIsOffKeepsOnlyThatItIs() throws Exception {
    terms = new Terms.Off();
    assertStatus(200, post("/v1/traces", WITH, GOOD));
    assertEquals(0, journal.view().pendingEventCount());
    assertEquals(1, declined);
  }

  @Test
  void aFullInboxSaysSo() throws Exception {
    close();
    open(GatewayLimits.DEFAULTS, new InboxLimits(0, 10_000, 2_000, 1_500, 4_000, 3));
    String answer = post("/v1/traces", WITH, GOOD);
    assertStatus(429, answer);
    assertTrue(answer.contains("Retry-After: 5"), answer);
  }

  @Test
  void aPortThatIsTakenIsSaidUntilItIsFree() throws Exception {
    assertEquals(Optional.empty(), counters.telemetryProblem());
    close();
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
      open();
      String problem = counters.telemetryProblem().orElseThrow();
      assertTrue(problem.contains("port " + port + " of 127.0.0.1"), problem);
      assertTrue(gateway.telemetryPort().isEmpty());
    }
    close();
    open();
    assertEquals(Optional.empty(), counters.telemetryProblem());
    assertEquals(OptionalInt.of(port), gateway.telemetryPort());
  }

  @Test
  void itIsBusyWhileABodyArrives() throws Exception {
    byte[] body = GOOD.getBytes(StandardCharsets.UTF_8);
    String head = head("/v1/traces", WITH, body.length).replace("\n", "\r\n");
    for (boolean whole : new boolean[] {true, false}) {
      try (var socket =
          new Socket(InetAddress.getLoopbackAddress(), gateway.telemetryPort().orElseThrow())) {
        socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().write(body, 0, 10);
        awaitBusy(true);
        if (whole) {
          socket.getOutputStream().write(body, 10, body.length - 10);
        }
      }
      awaitBusy(false);
    }
    assertEquals(1, journal.view().pendingEventCount(), "nobody waited for the answer");
    assertStatus(400, post("/v1/traces", WITH, "{\"resourceSpans\":["));
    assertStatus(413, ask(head("/v1/traces", WITH, 18 << 20), new byte[0]));
    awaitBusy(false);
  }

  private void awaitBusy(boolean wanted) throws InterruptedException {
    while (receiver.busy() != wanted) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void protobufThatIsNoneIsRefused() throws Exception {
    byte[] torn = {0x0A, 0x7F, 0x01};
    String with = WITH.replace("application/json", "application/x-protobuf");
    assertStatus(400, ask(head("/v1/traces", with, torn.length), torn));
    assertEquals(1, counters.refused().get("gateway.otlp_undecodable"));
  }

  @Test
  void aBodyThatDripsIsCutOff() throws Exception {
    close();
    open(
        GatewayFixture.impatient(Duration.ofSeconds(1), Duration.ofMinutes(1)),
        InboxLimits.STANDARD);
    assertStatus(408, ask(head("/v1/traces", WITH, 1000), "{".getBytes(StandardCharsets.UTF_8)));
    assertEquals(1, counters.refused().get("gateway.timed_out"));
  }
}
