package dev.turnpike.gateway;

import static dev.turnpike.gateway.GatewayFixture.hook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HttpRulesTest {
  @TempDir Path directory;

  @Test
  void whatIsNotThereIsSaidAsJsonOrText() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      var json = fixture.get("/v2/status");
      assertEquals(404, json.status());
      assertEquals("application/json", json.header("Content-Type"));
      assertEquals(
          "{\"error\":{\"code\":\"not_found\",\"message\":\"There is nothing at this path.\"}}\n",
          json.text());
      var text = fixture.ask("GET / HTTP/1.1\nAccept: text/plain\n\n");
      assertEquals("There is nothing at this path.\n", text.text());
    }
  }

  @Test
  void aWrongMethodIsToldTheRightOnes() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      var heard = fixture.post("/v1/sessions/claude-code/x");
      assertEquals(405, heard.status());
      assertEquals("DELETE, GET", heard.header("Allow"));
      assertEquals(405, fixture.get("/v1/events/claude-code").status());
      try (var caller = fixture.caller()) {
        caller.say("HEAD /v1/status HTTP/1.1\n\n");
        assertTrue(caller.line().startsWith("HTTP/1.1 405"));
      }
    }
  }

  @Test
  void webPagesAreRefused() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      assertEquals(403, fixture.ask("GET /v1/status HTTP/1.1\nOrigin: null\n\n").status());
      var post = hook("claude-code", "e1", "referer: http://x/", "Content-Length: 0");
      assertEquals(403, fixture.ask(post).status());
      assertEquals(2L, fixture.counters.refused().get("gateway.browser"));
      assertTrue(fixture.intake.kept.isEmpty());
    }
  }

  @Test
  void requestsOnOneConnectionAreAnsweredInTurn() throws Exception {
    try (var fixture = new GatewayFixture(directory);
        var caller = fixture.caller()) {
      caller.say(
          hook("claude-code", "e1", "Content-Length: 2")
              + "{}"
              + "GET /v1/nothing HTTP/1.1\n\n"
              + hook("claude-code", "e2", "Content-Length: 3", "Connection: close")
              + "abc");
      assertEquals("e1", caller.hear().header("Turnpike-Event-Id"));
      assertEquals(404, caller.hear().status());
      var last = caller.hear();
      assertEquals("e2", last.header("Turnpike-Event-Id"));
      assertEquals("close", last.header("Connection"));
      assertTrue(caller.hearsNothingMore());
    }
  }

  @Test
  void aCallerMayEndItsSideBeforeTheAnswer() throws Exception {
    try (var fixture = new GatewayFixture(directory);
        var caller = fixture.caller()) {
      caller.say("GET /v1/status HTTP/1.1\n\n").endSaying();
      assertEquals(200, caller.hear().status());
      assertTrue(caller.hearsNothingMore());
    }
  }

  @Test
  void aHalfSentRequestThatEndsIsForgotten() throws Exception {
    try (var fixture = new GatewayFixture(directory);
        var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Content-Length: 10") + "{}").endSaying();
      assertTrue(caller.hearsNothingMore());
      assertTrue(fixture.intake.kept.isEmpty());
    }
  }

  @Test
  void whatIsNotHttpIsRefused() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      assertEquals(400, fixture.ask("hello there\n\n").status());
      assertEquals(400, fixture.ask("GET http://elsewhere/ HTTP/1.1\n\n").status());
      assertEquals(400, fixture.ask("GET /v1/%zz HTTP/1.1\n\n").status());
      var twoLengths = "POST /v1/flush HTTP/1.1\nContent-Length: 1\nContent-Length: 2\n\nab";
      assertEquals(400, fixture.ask(twoLengths).status());
      var negative = "POST /v1/flush HTTP/1.1\nContent-Length: -1\n\n";
      assertEquals(400, fixture.ask(negative).status());
      assertEquals(200, fixture.get("/v1/health").status());
    }
  }

  @Test
  void headsHaveALimit() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      var fits = "Turnpike-Env: A=" + "x".repeat(120 << 10);
      assertEquals(202, fixture.ask(hook("claude-code", "e1", fits, "Content-Length: 0")).status());
      var tooLong = "Turnpike-Env: A=" + "x".repeat(130 << 10);
      assertEquals(431, fixture.ask(hook("claude-code", "e1", tooLong)).status());
      assertEquals(414, fixture.get("/" + "x".repeat(20 << 10)).status());
    }
  }

  @Test
  void aSilentConnectionIsClosed() throws Exception {
    var limits = GatewayFixture.impatient(Duration.ofSeconds(2), Duration.ofMinutes(1));
    try (var fixture = new GatewayFixture(directory, limits);
        var used = fixture.caller().say("GET /v1/health HTTP/1.1\n\n");
        var silent = fixture.caller();
        var dripping = fixture.caller().say("GET /v1/health HTT")) {
      used.hear();
      assertTrue(silent.hearsNothingMore());
      assertTrue(dripping.hearsNothingMore());
      assertTrue(used.hearsNothingMore());
    }
  }

  @Test
  void aBodyThatStopsComingIsGivenUp() throws Exception {
    var limits = GatewayFixture.impatient(Duration.ofSeconds(1), Duration.ofMinutes(1));
    try (var fixture = new GatewayFixture(directory, limits);
        var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Content-Length: 10") + "{");
      assertEquals(408, caller.hear().status());
      assertEquals(1L, fixture.counters.refused().get("gateway.timed_out"));
    }
  }

  @Test
  void aBodyThatOnlyDripsIsGivenUpToo() throws Exception {
    var limits = GatewayFixture.impatient(Duration.ofMinutes(1), Duration.ofMillis(200));
    try (var fixture = new GatewayFixture(directory, limits);
        var caller = fixture.caller()) {
      caller.say(hook("claude-code", "e1", "Content-Length: 17000000"));
      // Drips until told to stop: the answer comes although the body never pauses.
      var dripper =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (fixture.counters.refused().isEmpty()) {
                        caller.say("x");
                        Thread.onSpinWait();
                      }
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      assertEquals(408, caller.hear().status());
      dripper.join();
    }
  }

  @Test
  void tooManyConnectionsAreTurnedAwayAndRoomComesBack() throws Exception {
    try (var fixture = new GatewayFixture(directory, GatewayFixture.crowded(2, 1))) {
      try (var one = fixture.caller();
          var two = fixture.caller()) {
        one.say("GET /v1/health HTTP/1.1\n\n").hear();
        two.say("GET /v1/health HTTP/1.1\n\n").hear();
        try (var three = fixture.caller()) {
          assertEquals(503, three.hear().status());
        }
      }
      assertEquals(1L, fixture.counters.refused().get("gateway.connections"));
      int status = 503;
      while (status == 503) {
        try (var caller = fixture.caller()) {
          status = caller.say("GET /v1/health HTTP/1.1\n\n").hear().status();
        } catch (java.io.IOException e) {
          // Turned away while it was still speaking.
          Thread.onSpinWait();
        }
      }
      assertEquals(200, status);
    }
  }

  @Test
  void anotherUserIsNotServed() throws Exception {
    try (var fixture =
            new GatewayFixture(directory, GatewayFixture.LIMITS, () -> "somebody else", null);
        var caller = fixture.caller()) {
      assertTrue(caller.hearsNothingMore());
      assertEquals(1L, fixture.counters.refused().get("gateway.peer"));
    }
  }

  @Test
  void aFailingRoomIsAnAnswerNotAHangUp() throws Exception {
    try (var fixture = new GatewayFixture(directory);
        var caller = fixture.caller()) {
      fixture.house.failing = true;
      assertEquals(500, caller.say("GET /v1/status HTTP/1.1\n\n").hear().status());
      fixture.house.failing = false;
      assertEquals(200, caller.say("GET /v1/status HTTP/1.1\n\n").hear().status());
    }
  }

  @Test
  void controlRequestsTakeNoLargeBodies() throws Exception {
    try (var fixture = new GatewayFixture(directory)) {
      var heard = fixture.ask("POST /v1/flush HTTP/1.1\nContent-Length: 65537\n\n");
      assertEquals(413, heard.status());
      assertTrue(fixture.house.asked.isEmpty());
    }
  }
}
