package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import dev.turnpike.testing.NotChecked;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A full or read-only disk under one of the rooms that nothing accepted rests on: the log, the
 * index, the local history. The daemon starts, takes events and sends turns as if nothing were
 * wrong, says what is, and mends it by itself. Each room has a small disk of its own, where this
 * machine lets us mount one.
 */
class FullRoomsIT {
  private static final String THREE_TURNS = "resume-twice";
  private static final int STOP_OF_THE_SECOND = 6;
  private static final int END = 12;
  private static final int PAGE_BYTES = 4096;
  private static final int FULL_LOG_BYTES = 5 << 20;

  private static final String NO_LOG = "the log cannot be written";
  private static final String NO_INDEX = "the index of traces cannot be written";
  private static final String NO_HISTORY = "traces cannot be kept on this machine";

  /** So that ordinary things make lines. */
  private static final Map<String, String> TALKATIVE = Map.of("TURNPIKE_LOG_LEVEL", "debug");

  @TempDir Path temp;

  @Test
  void theLogIsFullInTheMiddle() throws Exception {
    try (var disk = disk("log", 4);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp, TALKATIVE)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      Replay replay = place.replay(THREE_TURNS, call);
      replay.play(replay.part(0, STOP_OF_THE_SECOND - 1));
      disk.fill();
      fillLastPage(log());
      replay.play(replay.part(STOP_OF_THE_SECOND - 1, STOP_OF_THE_SECOND));
      listed(place.daemon(), "x"); // makes the index, which is a line
      assertWarned(place.daemon(), NO_LOG);
      assertTrue(drops(place.daemon(), "log.lines") > 0);
      disk.empty();
      assertMended(place.daemon(), NO_LOG);
      assertTrue(Files.readString(log()).contains("\n1 lines are missing here"), tail());
      replay.play(replay.part(STOP_OF_THE_SECOND, END));
      replay.close();
      place.daemon().flush();
      place.assertAllIsThere(server);
      place.daemon().terminate();
      assertTrue(Files.readString(log()).contains("told to stop by a signal"), tail());
    }
  }

  /** It is to be put aside at the first line, and there is no room for another. */
  @Test
  void theLogIsFullAtTheStartAndWhenANewFileIsBegun() throws Exception {
    try (var disk = disk("log", 8);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Files.write(
          log(), "0123456789abcde\n".repeat(FULL_LOG_BYTES / 16).getBytes(StandardCharsets.UTF_8));
      disk.fill();
      try (var place = Workplace.open(temp)) {
        place.play(THREE_TURNS, RunningDaemon.tracedTo(server));
        place.daemon().flush();
        place.assertAllIsThere(server);
        assertWarned(place.daemon(), NO_LOG);
        assertTrue(drops(place.daemon(), "log.lines") > 1);
        assertEquals(FULL_LOG_BYTES, Files.size(log().resolveSibling("turnpike.1.log")));
        disk.empty();
        assertMended(place.daemon(), NO_LOG);
        assertTrue(Files.readString(log()).contains(" lines are missing here"), tail());
      }
    }
  }

  @Test
  void theLogIsReadOnlyAtTheStart() throws Exception {
    try (var disk = disk("log", 4);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      disk.readOnly(true);
      try (var place = Workplace.open(temp)) {
        place.play(THREE_TURNS, RunningDaemon.tracedTo(server));
        place.daemon().flush();
        place.assertAllIsThere(server);
        assertWarned(place.daemon(), NO_LOG);
        place.daemon().terminate();
        try { // what the daemon would say before it has a log goes elsewhere
          RunningDaemon.Said start = place.daemon().command("start");
          assertEquals(0, start.exit(), start.text());
          assertWarned(place.daemon(), NO_LOG);
        } finally {
          place.daemon().command("stop");
        }
        place.daemon().restart();
        assertWarned(place.daemon(), NO_LOG);
        disk.readOnly(false);
        assertMended(place.daemon(), NO_LOG);
        assertTrue(Files.readString(log()).contains(" lines are missing here"), tail());
      }
    }
  }

  @Test
  void theIndexHasNoRoom() throws Exception {
    try (var disk = disk("cache", 4);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      disk.fill();
      playAndFind(place, THREE_TURNS, call);
      assertWarned(place.daemon(), NO_INDEX);
      long dropped = drops(place.daemon(), "index.dropped");
      assertTrue(dropped > 0);
      for (int i = 0; i < 50; i++) { // in the time in which it may be tried twice more or so
        listed(place.daemon(), "x");
      }
      assertTrue(drops(place.daemon(), "index.dropped") < dropped + 50);
      disk.empty();
      assertMended(place.daemon(), NO_INDEX);
      playAndFind(place, "interactive", call);
      assertTrue(names("cache/index").stream().anyMatch(name -> name.endsWith(".db")));
      place.assertAllIsThere(server);
    }
  }

  /** A file that is open and has traces in it, and then no room to grow in or to be closed in. */
  @Test
  void theIndexHasNoRoomAnyMoreAndIsReadOnlyThen() throws Exception {
    try (var disk = disk("cache", 4);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      playAndFind(place, "multi-tool", call);
      disk.fill();
      playAndFind(place, THREE_TURNS, call);
      place.daemon().terminate();
      disk.readOnly(true);
      place.daemon().restart();
      playAndFind(place, "interactive", call);
      assertWarned(place.daemon(), NO_INDEX);
      disk.readOnly(false);
      disk.empty();
      assertMended(place.daemon(), NO_INDEX);
      assertEverySessionIsFound(place.daemon());
      place.assertAllIsThere(server);
    }
  }

  /** What was sent meanwhile is not kept here; the server has it. */
  @Test
  void theHistoryHasNoRoom() throws Exception {
    try (var disk = disk("state/traces", 4);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      disk.fill();
      place.play(THREE_TURNS, call);
      place.daemon().flush();
      place.assertAllIsThere(server);
      assertWarned(place.daemon(), NO_HISTORY);
      assertTrue(drops(place.daemon(), "history.failed") > 0);
      assertEquals(List.of("filler"), names("state/traces"), "nothing half written stays");
      disk.empty();
      assertMended(place.daemon(), NO_HISTORY);
      place.play("interactive", call);
      place.daemon().flush();
      place.assertAllIsThere(server);
      assertEverySessionIsFound(place.daemon());
    }
  }

  /** What is kept only here waits in the outbox until there is room. */
  @Test
  void theHistoryHasNoRoomForWhatIsNowhereElse() throws Exception {
    try (var disk = disk("state/traces", 4);
        var place = Workplace.open(temp)) {
      disk.fill();
      place.play(THREE_TURNS, Map.of("TRACE_TO_LANGFUSE", "true"));
      place.daemon().post("/v1/flush?wait=1s");
      assertWarned(place.daemon(), NO_HISTORY);
      Set<String> waiting = ids(listed(place.daemon()));
      assertFalse(waiting.isEmpty());
      disk.empty();
      Await.until(
          "all of it is kept",
          RunningDaemon.PATIENCE,
          () -> !listed(place.daemon()).toString().contains("\"queued\""));
      assertEquals(waiting, ids(listed(place.daemon())));
      assertMended(place.daemon(), NO_HISTORY);
      assertFalse(names("state/traces").isEmpty());
      assertEverySessionIsFound(place.daemon());
    }
  }

  @Test
  void theHistoryIsReadOnlyAtTheStart() throws Exception {
    try (var disk = disk("state/traces", 4);
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Files.write(disk.at().resolve("left.json.gz.tmp"), new byte[1]);
      disk.readOnly(true);
      try (var place = Workplace.open(temp)) {
        Map<String, String> call = RunningDaemon.tracedTo(server);
        place.play(THREE_TURNS, call);
        place.daemon().flush();
        place.assertAllIsThere(server);
        assertWarned(place.daemon(), NO_HISTORY);
        disk.readOnly(false);
        assertMended(place.daemon(), NO_HISTORY);
        place.play("interactive", call);
        place.daemon().flush();
        assertEverySessionIsFound(place.daemon());
        place.assertAllIsThere(server);
      }
    }
  }

  private SmallDisk disk(String room, int megabytes) throws Exception {
    var disk = SmallDisk.at(temp.resolve("tp").resolve(room), megabytes);
    NotChecked.unless(
        disk.isPresent(),
        "nothing can be mounted here, so a log, an index and a local history without room were not"
            + " tried on the real daemon; LogAppenderTest, TraceIndexTest and HistoryRoomTest try"
            + " what lies in the way");
    return disk.orElseThrow();
  }

  private Path log() {
    return temp.resolve("tp/log/turnpike.log");
  }

  private String tail() throws IOException {
    String all = Files.readString(log());
    return all.substring(Math.max(0, all.length() - 2000));
  }

  /** A page that has been begun takes lines on a full disk too. */
  private static void fillLastPage(Path file) throws IOException {
    long rest = PAGE_BYTES - Files.size(file) % PAGE_BYTES;
    byte[] line = ("#".repeat((int) rest - 1) + "\n").getBytes(StandardCharsets.UTF_8);
    Files.write(file, line, StandardOpenOption.APPEND);
  }

  private List<String> names(String directory) throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("tp").resolve(directory))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static long drops(RunningDaemon daemon, String reason) throws IOException {
    return daemon.status().path("drops").path(reason).asLong();
  }

  private static JsonNode listed(RunningDaemon daemon) throws IOException {
    return daemon.get("/v1/traces/local?limit=200").path("traces");
  }

  private static JsonNode listed(RunningDaemon daemon, String session) throws IOException {
    return daemon.get("/v1/traces/local?limit=200&session=" + session).path("traces");
  }

  private static Set<String> ids(JsonNode traces) {
    var ids = new TreeSet<String>();
    traces.forEach(trace -> ids.add(trace.path("id").asText()));
    return ids;
  }

  private static void playAndFind(Workplace place, String recording, Map<String, String> call)
      throws Exception {
    place.play(recording, call);
    place.daemon().flush();
    assertEverySessionIsFound(place.daemon());
  }

  /** The list of all does without the index. */
  private static void assertEverySessionIsFound(RunningDaemon daemon) throws IOException {
    var sessions = new TreeSet<String>();
    JsonNode all = listed(daemon);
    all.forEach(trace -> sessions.add(trace.path("session").asText()));
    assertFalse(sessions.isEmpty());
    for (String session : sessions) {
      var wanted = new TreeSet<String>();
      all.forEach(
          trace -> {
            if (trace.path("session").asText().equals(session)) {
              wanted.add(trace.path("id").asText());
            }
          });
      assertEquals(wanted, ids(listed(daemon, session)), session + "\n" + daemon.log());
    }
  }

  /** It takes events all the same: nothing that matters is wrong. */
  private static void assertWarned(RunningDaemon daemon, String what) throws Exception {
    Await.until("status says " + what, RunningDaemon.PATIENCE, () -> warns(daemon, what));
    assertTrue(daemon.status().path("ready").asBoolean(), daemon.status().toPrettyString());
    RunningDaemon.Said status = daemon.command("status");
    assertTrue(status.text().contains(what), status.text());
    RunningDaemon.Said doctor = daemon.command("doctor");
    assertTrue(doctor.text().contains(what), doctor.text());
    assertEquals(0, doctor.exit(), doctor.text());
  }

  private static void assertMended(RunningDaemon daemon, String what) throws Exception {
    Await.until(
        "it goes on by itself, " + what,
        RunningDaemon.PATIENCE.multipliedBy(3), // the index is tried every 35 s at the latest
        () -> !warns(daemon, what));
  }

  private static boolean warns(RunningDaemon daemon, String what) throws IOException {
    return daemon.status().path("warnings").toString().contains(what);
  }
}
