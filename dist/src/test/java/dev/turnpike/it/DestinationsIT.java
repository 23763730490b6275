package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that only a call's environment names gets nothing until the user says so. */
class DestinationsIT {
  private static final Map<String, String> ASK = Map.of("TURNPIKE_DESTINATIONS", "ask");
  private static final String THREE_TURNS = "resume-twice";
  private static final int STOP_OF_THE_SECOND = 6;
  private static final int END = 12;

  @TempDir Path temp;

  @Test
  void heldOverADeathAndAllOfItGoesOutOnceItIsAllowed() throws Exception {
    try (var place = Workplace.open(temp, ASK);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      place.play("interactive", RunningDaemon.tracedTo(server));
      place.play("resume", RunningDaemon.tracedTo(server));
      place.daemon().flush();
      assertHeld(place, server);
      place.daemon().kill();
      place.daemon().restart();
      assertEquals(0, place.daemon().command("outbox", "--retry").exit());
      assertEquals(0, place.daemon().command("reload").exit());
      place.daemon().flush();
      assertHeld(place, server);
      assertSaid(place, server);

      RunningDaemon.Said allowed =
          place.daemon().command("destinations", "allow", server.url(), "--json");
      assertEquals(0, allowed.exit(), allowed.text());
      place.daemon().flush();
      place.assertAllIsThere(server);
      assertEquals("allowed", only(place).path("state").asText());
      place.daemon().kill(); // it remembers
      place.daemon().restart();
      place.play("multi-tool", RunningDaemon.tracedTo(server));
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  @Test
  void deniedIsRemovedWithItsKeysAndSoIsTheTurnThatWasOpen() throws Exception {
    try (var place = Workplace.open(temp, ASK);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      try (Replay replay = place.replay(THREE_TURNS, RunningDaemon.tracedTo(server))) {
        replay.play(replay.part(0, STOP_OF_THE_SECOND));
        place.daemon().flush();
        assertHeld(place, server);
        assertFalse(holding(place, server.secretKey()).isEmpty());
        RunningDaemon.Said denied =
            place.daemon().command("destinations", "deny", host(server), "--json");
        assertEquals(0, denied.exit(), denied.text());
        assertTrue(denied.json().path("batches").asLong() > 0, denied.text());
        replay.play(replay.part(STOP_OF_THE_SECOND, END));
      }
      place.daemon().flush();
      Await.until(
          "what was queued for it is gone",
          RunningDaemon.PATIENCE,
          () -> place.daemon().get("/v1/outbox").path("waiting").isEmpty());
      assertEquals("denied", only(place).path("state").asText());
      assertEquals(0, server.connections());
      assertTrue(place.daemon().get("/v1/outbox").path("deadLetters").isEmpty());
      assertEquals(List.of(), holding(place, server.secretKey()));
      // what began after the word is here, and only here
      assertEquals(
          1, place.daemon().get("/v1/traces/local").path("traces").size(), place.daemon()::log);
    }
  }

  @Test
  void whatIsHeldHasAShareOfTheQueueAndNobodyElseWaitsForIt() throws Exception {
    Map<String, String> small = Workplace.with(ASK, "TURNPIKE_QUEUE_LIMIT", "32KiB");
    try (var unknown = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var known = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place =
            Workplace.open(temp, Workplace.with(small, "TURNPIKE_KNOWN_HOSTS", host(known)))) {
      // each turn of it brings some KiB: the share of 8 KiB is full after a few
      for (String fixture :
          List.of("nested-subagents", "multi-tool", "parallel-tools", "subagent", "interactive")) {
        place.play(fixture, RunningDaemon.tracedTo(unknown));
        place.daemon().flush();
      }
      JsonNode held = only(place);
      long bytes = held.path("waitingBytes").asLong();
      assertTrue(bytes > 0 && bytes < 20 * 1024, held::toString);
      assertTrue(
          place.daemon().status().path("drops").path("outbox.held_full").asLong() > 0,
          () -> held + place.daemon().log());
      assertTrue(
          place.daemon().get("/v1/traces/local").path("traces").size() > 0, "the rest stays here");
      assertEquals(0, unknown.connections());

      place.play("simple-turn", RunningDaemon.tracedTo(known));
      place.daemon().flush();
      assertEquals(1, known.traces().size());
    }
  }

  @Test
  void theUsersOwnFileIsHisWord() throws Exception {
    try (var place = Workplace.open(temp, ASK);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      place.play("interactive", RunningDaemon.tracedTo(server));
      place.daemon().flush();
      assertHeld(place, server);
      Files.writeString(
          place.daemon().home().resolve("config"), "LANGFUSE_BASE_URL=" + server.url() + "\n");
      assertEquals(0, place.daemon().command("reload").exit());
      place.daemon().flush();
      place.assertAllIsThere(server);
      RunningDaemon.Said denied = place.daemon().command("destinations", "deny", server.url());
      assertEquals(1, denied.exit());
      assertTrue(denied.text().contains("take it out there"), denied.text());
    }
  }

  @Test
  void theEnvironmentOfADaemonThatAHookStartedIsNot() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      var environment = new java.util.HashMap<>(RunningDaemon.tracedTo(server));
      environment.put("TURNPIKE_DESTINATIONS", "all");
      environment.put("TURNPIKE_KNOWN_HOSTS", host(server));
      environment.put("TURNPIKE_STARTED_BY", "turnpike-hook");
      try (var place = Workplace.open(temp, environment)) {
        place.play("interactive", environment);
        place.daemon().flush();
        assertHeld(place, server);
      }
    }
  }

  @Test
  void theEnvironmentOfADaemonThatTheUserStartedIs() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> environment =
          Workplace.with(RunningDaemon.tracedTo(server), "TURNPIKE_DESTINATIONS", "ask");
      try (var place = Workplace.open(temp, environment)) {
        place.play("interactive", RunningDaemon.tracedTo(server));
        place.daemon().flush();
        place.assertAllIsThere(server);
      }
    }
  }

  private static void assertHeld(Workplace place, FakeLangfuse server) throws IOException {
    JsonNode held = only(place);
    assertEquals("held", held.path("state").asText());
    assertEquals(server.url(), held.path("server").asText());
    assertTrue(held.path("waitingBatches").asLong() > 0, held::toString);
    assertEquals(0, server.connections());
  }

  /** People are told where they look, and never the key. */
  private static void assertSaid(Workplace place, FakeLangfuse server) throws Exception {
    String command = "turnpike destinations allow " + server.url();
    for (String[] asked :
        List.of(new String[] {"status"}, new String[] {"doctor"}, new String[] {"outbox"})) {
      String text = place.daemon().command(asked).text();
      assertTrue(
          text.contains(asked[0].equals("outbox") ? "held back" : command),
          () -> asked[0] + ":\n" + text);
      assertFalse(text.contains(server.secretKey()));
    }
    assertTrue(place.daemon().command("destinations").text().contains("held"));
    for (Path file : holding(place, server.secretKey())) {
      assertTrue(
          file.startsWith(place.daemon().home().resolve("state/credentials")), file::toString);
    }
  }

  private static JsonNode only(Workplace place) throws IOException {
    JsonNode servers = place.daemon().get("/v1/destinations").path("servers");
    assertEquals(1, servers.size(), servers::toString);
    return servers.get(0);
  }

  private static String host(FakeLangfuse server) {
    return server.url().replaceFirst("^http://", "");
  }

  /** The daemon's files that hold a text. */
  private static List<Path> holding(Workplace place, String text) throws IOException {
    var holding = new ArrayList<Path>();
    try (Stream<Path> files = Files.walk(place.daemon().home())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
          holding.add(file);
        }
      }
    }
    return holding;
  }
}
