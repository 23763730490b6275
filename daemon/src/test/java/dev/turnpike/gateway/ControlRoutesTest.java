package dev.turnpike.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.gateway.api.ApiJson;
import dev.turnpike.gateway.api.Report;
import dev.turnpike.gateway.api.Samples;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ControlRoutesTest {
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
  void everyQuestionIsAnsweredWithItsReport() throws Exception {
    assertAnswer(Samples.health(), fixture.get("/v1/health"));
    assertAnswer(Samples.status(), fixture.get("/v1/status"));
    assertAnswer(Samples.sessions(), fixture.get("/v1/sessions"));
    assertAnswer(Samples.sessionDetail(), fixture.get("/v1/sessions/claude-code/abc"));
    assertAnswer(Samples.traces(), fixture.get("/v1/traces/local"));
    assertAnswer(Samples.outbox(), fixture.get("/v1/outbox"));
    assertAnswer(Samples.servers(), fixture.get("/v1/destinations"));
    assertAnswer(Samples.settings(), fixture.get("/v1/config/explain"));
  }

  @Test
  void everyWishIsPassedOn() throws Exception {
    assertAnswer(Samples.flushed(), fixture.post("/v1/flush"));
    assertAnswer(Samples.sessionDetail(), fixture.post("/v1/sessions/claude-code/abc/pause"));
    assertAnswer(Samples.sessionDetail(), fixture.post("/v1/sessions/codex/abc/resume"));
    assertAnswer(Samples.sent(), fixture.post("/v1/traces/local/send"));
    assertAnswer(Samples.retried(), fixture.post("/v1/outbox/retry"));
    assertAnswer(
        Samples.allowed(),
        fixture.post("/v1/destinations/allow?host=http%3A%2F%2Fcollect.example"));
    assertAnswer(Samples.denied(), fixture.post("/v1/destinations/deny?host=collect.example"));
    assertAnswer(Samples.reloaded(), fixture.post("/v1/reload"));
    assertAnswer(Samples.shutdown(), fixture.post("/v1/shutdown"));
    assertAnswer(
        Samples.forgotten(), fixture.ask("DELETE /v1/sessions/claude-code/abc HTTP/1.1\n\n"));
    assertEquals(
        "[flush PT10S, pause claude-code/abc, resume codex/abc, send, retry,"
            + " allow http://collect.example, deny collect.example, reload, shutdown,"
            + " forget claude-code/abc]",
        fixture.house.asked.toString());
  }

  @Test
  void parametersAreReadAndBounded() throws Exception {
    fixture.post("/v1/flush?wait=250ms");
    fixture.post("/v1/flush?wait=999m");
    fixture.get("/v1/traces/local?limit=5&session=a%2Fb");
    fixture.get("/v1/traces/local?limit=99999999");
    fixture.get("/v1/config/explain?key=LANGFUSE_BASE_URL&cwd=/home/dev/a+b%20c");
    fixture.get("/v1/sessions/claude-code/a%2Fb+c");
    assertEquals(
        "[flush PT0.25S, flush PT10M, traces 5 a/b, traces 1000 of all,"
            + " explain LANGFUSE_BASE_URL /home/dev/a b c, session claude-code/a/b+c]",
        fixture.house.asked.toString());
  }

  @Test
  void wrongParametersAreTheCallersFault() throws Exception {
    for (var target :
        new String[] {
          "/v1/traces/local?limit=many",
          "/v1/traces/local?limit=-1",
          "/v1/traces/local/xyz",
          "/v1/traces/local/abc",
          "/v1/sessions/Claude/abc",
          "/v1/sessions/claude-code/%20",
          "/v1/config/explain?cwd=home"
        }) {
      var heard = fixture.get(target);
      assertEquals(400, heard.status(), target);
      assertTrue(heard.text().contains("bad_parameter"), heard.text());
    }
    assertEquals(400, fixture.post("/v1/flush?wait=soon").status());
    assertEquals(400, fixture.post("/v1/destinations/allow").status());
    assertEquals(400, fixture.post("/v1/destinations/deny?host=%20").status());
    assertEquals(400, fixture.post("/v1/destinations/deny?host=" + "a".repeat(301)).status());
    assertTrue(fixture.house.asked.isEmpty());
    assertEquals(400, fixture.post("/v1/destinations/allow?host=no%20host").status());
  }

  @Test
  void notReadyAndNotFinishedHaveTheirOwnCodes() throws Exception {
    fixture.house.health = Samples.sick();
    assertEquals(503, fixture.get("/v1/health").status());
    assertEquals(202, fixture.post("/v1/flush?wait=0s").status());
    assertEquals(404, fixture.get("/v1/sessions/codex/abc").status());
    assertEquals(404, fixture.get("/v1/config/explain?key=NOPE").status());
    assertEquals(404, fixture.get("/v1/traces/local/ffff").status());
    assertEquals(409, fixture.get("/v1/traces/local/aaaa").status());
    assertEquals(409, fixture.post("/v1/destinations/deny?host=cloud.langfuse.com").status());
  }

  @Test
  void aTraceIsFoundByAPrefixAndShownAsATree() throws Exception {
    var json = fixture.get("/v1/traces/local/4bf9");
    assertEquals(200, json.status());
    assertAnswer(TraceViews.detail(FakeHouse.archived()), json);
    var text = fixture.ask("GET /v1/traces/local/4bf9 HTTP/1.1\nAccept: text/plain\n\n").text();
    assertTrue(text.contains("agent a turn"), text);
  }

  @Test
  void textIsWhatTheCommandLinePrints() throws Exception {
    var heard = fixture.ask("GET /v1/status HTTP/1.1\nAccept: text/plain\n\n");
    assertEquals("text/plain; charset=utf-8", heard.header("Content-Type"));
    assertTrue(heard.text().startsWith("Turnpike 0.1.0, pid 4711, up 2 h 5 min: ready\n"));
  }

  @Test
  void theEndOfTheLogIsShown() throws Exception {
    Files.writeString(fixture.log, "one\ntwo\nthree\n");
    assertEquals("two\nthree\n", fixture.get("/v1/logs/tail?lines=2").text());
  }

  @Test
  void aMissingLogIsEmpty() throws Exception {
    assertEquals("", fixture.get("/v1/logs/tail").text());
  }

  @Test
  void aFollowedLogShowsWhatIsAdded() throws Exception {
    Files.writeString(fixture.log, "one\n");
    try (var caller = fixture.caller()) {
      caller.say("GET /v1/logs/tail?follow=true HTTP/1.1\n\n");
      while (!caller.line().isEmpty()) {
        Thread.onSpinWait();
      }
      assertEquals("one\n", new String(caller.chunk(), StandardCharsets.UTF_8));
      Files.writeString(fixture.log, "two\n", StandardOpenOption.APPEND);
      assertEquals("two\n", new String(caller.chunk(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void aFollowerThatLeavesMakesRoomForAnother() throws Exception {
    fixture.close();
    fixture = new GatewayFixture(directory, GatewayFixture.crowded(16, 1));
    Files.writeString(fixture.log, "one\n");
    for (int round = 0; round < 3; round++) {
      try (var caller = fixture.caller()) {
        caller.say("GET /v1/logs/tail?follow=true HTTP/1.1\n\n");
        assertEquals("HTTP/1.1 200 OK", caller.line());
        assertEquals(503, fixture.get("/v1/logs/tail").status());
      }
      while (fixture.get("/v1/logs/tail").status() == 503) {
        Thread.onSpinWait();
      }
    }
  }

  private static void assertAnswer(Report expected, RawCaller.Heard heard) {
    assertEquals(200, heard.status());
    assertEquals("application/json", heard.header("Content-Type"));
    assertArrayEquals(ApiJson.write(expected), heard.body(), heard.text());
  }
}
