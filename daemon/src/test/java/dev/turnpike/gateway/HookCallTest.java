package dev.turnpike.gateway;

import static dev.turnpike.gateway.GatewayFixture.hook;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.model.EventBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HookCallTest {
  @TempDir Path directory;
  private GatewayFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new GatewayFixture(directory);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void aKeptEventIsAnsweredWithItsId() throws Exception {
    var heard = fixture.ask(hook("claude-code", "e1", "Content-Length: 7") + "{\"a\":1}");
    assertEquals(202, heard.status());
    assertEquals("e1", heard.header("Turnpike-Event-Id"));
    assertEquals("0.1.0", heard.header("Turnpike-Version"));
    assertEquals("", heard.text());
    var kept = fixture.intake.kept.element();
    assertEquals("claude-code", kept.agent().value());
    assertEquals("{\"a\":1}", new String(inline(kept.body()), StandardCharsets.UTF_8));
    assertEquals(Map.of("0.1.0", 1L), fixture.counters.hookClients());
  }

  @Test
  void theAnswersBodyIsWhatTheAgentWantsPrinted() throws Exception {
    assertEquals("{}", fixture.ask(hook("cursor", "e1", "Content-Length: 0")).text());
  }

  @Test
  void whatACallLeavesToBeDoneIsDoneBehindItsAnswerAndBeforeTheNextQuestion() throws Exception {
    // more than the event loop does before it reads on: that is 64 tasks if they take a second
    int many = 80;
    var mayRun = new CountDownLatch(1);
    fixture.intake.after =
        () -> {
          for (int i = 0; i < many; i++) {
            fixture.gateway.behindTheAnswer(() -> leftOver(mayRun));
          }
        };
    try (var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Content-Length: 0"));
      assertEquals(202, caller.hear().status());
      caller.say("GET /v1/traces/local/aaaa HTTP/1.1\nHost: turnpike\n\n");
      mayRun.countDown();
      assertEquals(409, caller.hear().status());
    }
    var expected = new ArrayList<>(Collections.nCopies(many, "left over"));
    expected.add("find aaaa");
    assertEquals(expected, List.copyOf(fixture.house.asked));
  }

  private void leftOver(CountDownLatch mayRun) {
    try {
      mayRun.await();
      Thread.sleep(16);
      fixture.house.asked.add("left over");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void headersReachTheInboxInOrderAndAsOftenAsTheyCame() throws Exception {
    fixture.ask(
        hook("claude-code", "e1", "Turnpike-Env: A=1", "Turnpike-Env: B=%20", "Content-Length: 0"));
    assertEquals(
        List.of("A=1", "B=%20"),
        fixture.intake.kept.element().headers().stream()
            .filter(h -> h.getKey().equals("Turnpike-Env"))
            .map(Map.Entry::getValue)
            .toList());
  }

  @Test
  void eachRefusalHasItsOwnAnswer() throws Exception {
    assertEquals(404, status("frobnicator", "e1"));
    assertEquals(404, status("No%2FAgent", "e1"));
    assertEquals(204, status("claude-code", "e1", "Fake: off"));
    assertEquals(400, status("claude-code", "e1", "Fake: malformed"));
    assertEquals(503, status("claude-code", "e1", "Fake: full"));
    assertEquals(503, status("claude-code", "e1", "Fake: failing"));
    assertEquals(500, status("claude-code", "e1", "Fake: bug"));
    assertTrue(fixture.intake.kept.isEmpty());
    assertEquals(2L, fixture.counters.refused().get("gateway.unavailable"));
    assertEquals(202, status("claude-code", "e2"));
  }

  @Test
  void aBodyUpToTheInlineLimitStaysInTheHeap() throws Exception {
    var body = bytes(64 << 10);
    assertEquals(202, send(body));
    assertArrayEquals(body, inline(fixture.intake.kept.element().body()));
  }

  @Test
  void aLongerBodyGoesToAFile() throws Exception {
    for (int size : new int[] {(256 << 10) + 1, 512 << 10, 1_000_000}) {
      var body = bytes(size);
      assertEquals(202, send(body));
      assertArrayEquals(body, spilled(fixture.intake.kept.remove().body()));
    }
  }

  @Test
  void aBodyOfAFewTimesTheLimitWaitsInTheHeapWhileThereIsRoom() throws Exception {
    for (int i = 0; i < 40; i++) {
      var body = bytes((i % 2 == 0 ? 65 : 256) << 10);
      assertEquals(202, send(body));
      assertArrayEquals(body, inline(fixture.intake.kept.remove().body()), "call " + i);
    }
  }

  @Test
  void withoutRoomABodyAboveTheLimitGoesToAFile() throws Exception {
    var callers = new ArrayList<RawCaller>();
    try {
      // one of them may find no room itself, since these calls take some for a moment
      await(
          () -> {
            var caller = fixture.caller();
            callers.add(caller);
            caller.say(hook("claude-code", "half" + callers.size(), "Content-Length: 200000"));
            caller.say(bytes(100_000));
            send(bytes(100_000));
            return fixture.intake.kept.remove().body() instanceof EventBody.Spilled;
          });
      for (var caller : callers) {
        caller.close();
      }
      await(
          () -> {
            send(bytes(100_000));
            return fixture.intake.kept.remove().body() instanceof EventBody.Inline;
          });
    } finally {
      for (var caller : callers) {
        caller.close();
      }
    }
  }

  @Test
  void aStormOfTheLargestBodiesArrivesWhole() throws Exception {
    var body = bytes(16 << 20);
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = IntStream.range(0, 6).<Callable<Integer>>mapToObj(i -> () -> send(body)).toList();
      for (var answer : callers.invokeAll(calls)) {
        assertEquals(202, answer.get());
      }
    }
    assertEquals(6, fixture.intake.kept.size());
    for (var kept : fixture.intake.kept) {
      assertArrayEquals(body, spilled(kept.body()));
    }
  }

  @Test
  void aChunkedBodyIsPutTogether() throws Exception {
    var body = bytes(300_000);
    var request = new ByteArrayOutputStream();
    for (int from = 0; from < body.length; ) {
      int length = Math.min(from % 7 == 0 ? 1 : 777, body.length - from);
      request.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.UTF_8));
      request.write(body, from, length);
      request.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
      from += length;
    }
    try (var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Transfer-Encoding: chunked"));
      caller.say(request.toByteArray()).say("0\n\n");
      assertEquals(202, caller.hear().status());
    }
    assertArrayEquals(body, spilled(fixture.intake.kept.element().body()));
  }

  @Test
  void aBodyThatIsDeclaredTooLongIsRefusedAtOnce() throws Exception {
    var heard = fixture.ask(hook("claude-code", "e1", "Content-Length: 17825793"));
    assertEquals(413, heard.status());
    assertTrue(heard.text().contains("\"code\":\"too_large\""), heard.text());
    assertEquals(1L, fixture.counters.refused().get("gateway.too_large"));
  }

  @Test
  void aBodyThatTurnsOutTooLongIsRefusedAndLeavesNothing() throws Exception {
    var piece = bytes(1 << 20);
    try (var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Transfer-Encoding: chunked"));
      for (int i = 0; i < 17; i++) {
        caller.say("100000\n").say(piece).say("\n");
      }
      caller.say("1\nx\n");
      assertEquals(413, caller.hear().status());
    }
    awaitNoSpills();
    assertTrue(fixture.intake.kept.isEmpty());
  }

  @Test
  void aCallerThatVanishesLeavesNothing() throws Exception {
    try (var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Content-Length: 1000000")).say(bytes(500_000));
      await(() -> spills() == 1);
    }
    awaitNoSpills();
    await(() -> fixture.counters.refused().containsKey("gateway.aborted_upload"));
    assertTrue(fixture.intake.kept.isEmpty());
  }

  @Test
  void aFullDiskIsSaidAndTheConnectionGoesOn() throws Exception {
    try (var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Fake: no-space", "Content-Length: 300000"));
      var heard = caller.say(bytes(300_000)).hear();
      assertEquals(503, heard.status());
      assertTrue(heard.text().contains("No space left"), heard.text());
      caller.say(hook("claude-code", "e2", "Content-Length: 0"));
      assertEquals(202, caller.hear().status());
    }
  }

  @Test
  void whatIsOffIsNotWrittenAnywhere() throws Exception {
    try (var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Fake: off", "Content-Length: 300000"));
      assertEquals(204, caller.say(bytes(300_000)).hear().status());
    }
    assertEquals(0, fixture.directory.resolve("spills").toFile().list().length);
  }

  @Test
  void aCallerThatAsksFirstIsToldToGoOn() throws Exception {
    try (var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Expect: 100-continue", "Content-Length: 2"));
      assertEquals(100, caller.hear().status());
      assertEquals(202, caller.say("{}").hear().status());
    }
    var refused =
        fixture.ask(hook("frobnicator", "e1", "Expect: 100-continue", "Content-Length: 2"));
    assertEquals(404, refused.status());
  }

  private int status(String agent, String id, String... headers) throws IOException {
    try (var caller = fixture.caller()) {
      var head = hook(agent, id, headers);
      return caller
          .say(head.substring(0, head.length() - 1) + "Content-Length: 2\n\n{}")
          .hear()
          .status();
    }
  }

  private int send(byte[] body) throws IOException {
    try (var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Content-Length: " + body.length));
      return caller.say(body).hear().status();
    }
  }

  private long spills() {
    return fixture.directory.resolve("spills").toFile().list().length;
  }

  private void awaitNoSpills() throws Exception {
    await(() -> spills() == 0);
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, "waited in vain");
      Thread.onSpinWait();
    }
  }

  private static byte[] inline(EventBody body) {
    return assertInstanceOf(EventBody.Inline.class, body).bytes();
  }

  private static byte[] spilled(EventBody body) throws IOException {
    var file = assertInstanceOf(EventBody.Spilled.class, body);
    assertEquals(Files.size(file.file()), file.size());
    return Files.readAllBytes(file.file());
  }

  private static byte[] bytes(int size) {
    var bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
