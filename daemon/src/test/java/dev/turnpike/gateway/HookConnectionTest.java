package dev.turnpike.gateway;

import static dev.turnpike.gateway.GatewayFixture.hook;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.EventBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A call that comes whole is read by ourselves, any other by Netty: nobody may see which it was.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HookConnectionTest {
  private static final String BODY = "{\"hook_event_name\":\"Stop\",\"prompt\":\"\u00e9\"}";
  private static final byte[] BYTES = BODY.getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  /** As turnpike-hook writes it. */
  private static String head(String agent, String... more) {
    String[] headers = Arrays.copyOf(more, more.length + 5);
    headers[more.length] = "Connection: close";
    headers[more.length + 1] = "Content-Type: application/octet-stream";
    headers[more.length + 2] = "Content-Length: " + BYTES.length;
    headers[more.length + 3] = "Turnpike-Cwd: /home/dev/my%20shop";
    headers[more.length + 4] = "Turnpike-Env: LANGFUSE_BASE_URL=http://127.0.0.1:3000";
    return hook(agent, "e1", headers);
  }

  private static byte[] call(String agent, String... more) {
    return joined(head(agent, more).replace("\n", "\r\n"), BYTES);
  }

  private static byte[] joined(String head, byte[] body) {
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = Arrays.copyOf(start, start.length + body.length);
    System.arraycopy(body, 0, all, start.length, body.length);
    return all;
  }

  private static Optional<HookCall> read(byte[] bytes) {
    return HookCall.in(bytes, 0, bytes.length);
  }

  @Test
  void aWholeCallIsReadByOurselves() {
    var call = read(call("claude-code")).orElseThrow();
    assertEquals("claude-code", call.agent().value());
    assertArrayEquals(BYTES, call.body());
    assertEquals("/home/dev/my%20shop", call.request().header("turnpike-cwd").orElseThrow());
    assertEquals(
        List.of(
            "Host",
            "Turnpike-Protocol",
            "Turnpike-Client",
            "Turnpike-Event-Id",
            "Connection",
            "Content-Type",
            "Content-Length",
            "Turnpike-Cwd",
            "Turnpike-Env"),
        call.headers().stream().map(header -> header.getKey()).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
        "Origin: null",
        "Accept: text/plain",
        "Connection: keep-alive",
        "Content-Length: 3",
        "Turnpike-Event:  spaced",
        "Turnpike-Event: ",
        "Turnpike-Event : Stop",
        "Turnpike-Event:Stop",
        " folded: x",
        "Turnpike-Event: a\tb",
        "Turnpike-Event: \u00e9"
      })
  void whatMeansMoreThanAHookSaysIsLeftToTheLibrary(String header) {
    assertTrue(read(call("claude-code", header)).isEmpty());
  }

  @Test
  void whatIsNotAllOfACallIsLeftToTheLibrary() {
    byte[] whole = call("claude-code");
    for (int length = 0; length < whole.length; length++) {
      assertTrue(read(Arrays.copyOf(whole, length)).isEmpty(), "the first " + length + " bytes");
    }
    assertTrue(read(Arrays.copyOf(whole, whole.length + 1)).isEmpty(), "and one more");
  }

  /** Also of a call that was damaged, as long as it is still taken for one. */
  @Test
  void whatIsReadIsWhatTheLibraryReads() {
    var random = new Random(20_261_130);
    byte[] whole = call("claude-code", "Turnpike-Event: Stop");
    int read = 0;
    for (int i = 0; i < 30_000; i++) {
      byte[] damaged = damaged(whole, random);
      var call = read(damaged);
      if (call.isPresent()) {
        read++;
        assertSame(damaged, call.get());
      }
    }
    assertTrue(read > 5_000 && read < 29_000, read + " were read");
  }

  private static byte[] damaged(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    byte[] likely = " :\r\n\t/0aZ-%\u007f".getBytes(StandardCharsets.ISO_8859_1);
    for (int damages = 1 + random.nextInt(2); damages > 0; damages--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = likely[random.nextInt(likely.length)];
        case 2 -> {
          System.arraycopy(bytes, at + 1, bytes, at, bytes.length - at - 1);
          bytes = Arrays.copyOf(bytes, bytes.length - 1);
        }
        default -> {
          bytes = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, bytes, at + 1, bytes.length - at - 1);
          bytes[at] = likely[random.nextInt(likely.length)];
        }
      }
    }
    return bytes;
  }

  private static void assertSame(byte[] bytes, HookCall call) {
    String said = new String(bytes, StandardCharsets.ISO_8859_1);
    var library = new EmbeddedChannel(new HttpServerCodec(), new HttpObjectAggregator(1 << 20));
    library.writeInbound(Unpooled.copiedBuffer(bytes));
    FullHttpRequest request = library.readInbound();
    assertNotNull(request, said);
    try {
      assertTrue(request.decoderResult().isSuccess(), said);
      assertEquals(HttpMethod.POST, request.method(), said);
      assertEquals("/v1/events/" + call.agent(), request.uri(), said);
      assertFalse(HttpUtil.isKeepAlive(request), said);
      assertEquals(request.headers().entries().toString(), call.headers().toString(), said);
      ByteBuf content = request.content();
      assertEquals(Unpooled.wrappedBuffer(call.body()), content, said);
      ByteBuf more = library.readInbound();
      assertTrue(more == null, said);
    } finally {
      request.release();
      library.finishAndReleaseAll();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "later", "off", "malformed", "full", "failing", "bug"})
  void theAnswerIsTheSame(String outcome) throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      // this header is no hook's: the library's way; under our own name it is of our own kind
      var ours = told(fixture, call("cursor", "Turnpike-Fake: " + outcome));
      var library = told(fixture, call("cursor", "Fake: " + outcome));
      assertEquals(library.answer(), ours.answer());
      assertEquals(library.kept(), ours.kept());
      assertEquals(List.of("none", "later").contains(outcome), ours.kept().isPresent());
    }
  }

  @Test
  void anAgentNobodyKnowsIsAnsweredByTheLibrarysRules() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      assertEquals(404, served(fixture, call("frobnicator")));
      assertEquals(1L, fixture.counters.refused().get("gateway.unknown_agent"));
    }
  }

  @Test
  void aHookThatHasSpokenIsServedHoweverManyOthersAreThere() throws Exception {
    try (var fixture = new GatewayFixture(directory, GatewayFixture.crowded(1, 1));
        var other = fixture.caller()) {
      assertEquals(200, other.say("GET /v1/health HTTP/1.1\n\n").hear().status());
      for (byte[] call : List.of(call("cursor"), call("cursor", "Turnpike-Fake: later"))) {
        int status = 503;
        while (status == 503) {
          try {
            status = served(fixture, call);
          } catch (IOException e) {
            // accepted, and turned away, before it had spoken
            Thread.onSpinWait();
          }
        }
        assertEquals(202, status);
      }
    }
  }

  private static int served(GatewayFixture fixture, byte[] call) throws Exception {
    try (var caller = fixture.caller()) {
      return caller.say(call).hear().status();
    }
  }

  @Test
  void aCallInPiecesIsTaken() throws Exception {
    byte[] whole = call("claude-code");
    for (int cut : new int[] {1, 40, whole.length - BYTES.length, whole.length - 1}) {
      try (var fixture = new GatewayFixture(directory);
          var caller = fixture.caller()) {
        caller.say(Arrays.copyOf(whole, cut));
        Thread.sleep(20); // so that they are two reads
        caller.say(Arrays.copyOfRange(whole, cut, whole.length));
        assertEquals(202, caller.hear().status(), "cut at " + cut);
        assertTrue(caller.hearsNothingMore());
        assertEquals(BODY, body(fixture.intake.kept.remove()));
      }
    }
  }

  @Test
  void aCallLongerThanOneReadIsTaken() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      for (int length : new int[] {6_000, 8_192, 9_000, 60_000, 70_000}) {
        var head = hook("claude-code", "e1", "Connection: close", "Content-Length: " + length);
        byte[] body = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
        assertEquals(202, served(fixture, joined(head.replace("\n", "\r\n"), body)));
        assertEquals(length, fixture.intake.kept.remove().body().size());
      }
    }
  }

  private record Told(String answer, Optional<String> kept) {}

  private static Told told(GatewayFixture fixture, byte[] call) throws Exception {
    try (var caller = fixture.caller()) {
      var heard = caller.say(call).hear();
      assertTrue(caller.hearsNothingMore());
      return new Told(
          heard.status() + " " + heard.reason() + " " + heard.headers() + " " + heard.text(),
          Optional.ofNullable(fixture.intake.kept.poll())
              .map(
                  kept ->
                      kept.agent()
                          + kept.headers().toString().replace("Turnpike-Fake", "Fake")
                          + body(kept)));
    }
  }

  private static String body(FakeIntake.Kept kept) {
    return kept.body() instanceof EventBody.Inline(var bytes)
        ? new String(bytes, StandardCharsets.UTF_8)
        : "a file";
  }
}
