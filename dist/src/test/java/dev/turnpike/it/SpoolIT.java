package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What hook clients left: very much of it, and files that are no hooks. */
class SpoolIT {
  private static final int FILES = 10_000;

  @TempDir Path temp;

  /** All of it is taken, under the shipped heap limit, while a live session is traced. */
  @Test
  void tenThousandFilesDoNotKeepALiveTurnFromGoingOut() throws Exception {
    Path spool = spool();
    long begin = System.currentTimeMillis() * 1_000_000L;
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      fill(spool, FILES, begin, call);
      try (var place = Workplace.open(temp)) {
        place.play("interactive", call);
        Await.until("the live turns are there", RunningDaemon.PATIENCE, () -> sent(place) >= 1);
        System.out.printf(
            "the first live turn was sent with %d of %d files left%n", waiting(place), FILES);
        Await.until("all files are taken", RunningDaemon.PATIENCE, () -> waiting(place) == 0);
        place.daemon().flush();
        place.assertAllIsThere(server);
        assertEquals(0, place.daemon().status().path("drops").path("event.failed").asLong());
        assertTrue(place.daemon().alive());
      }
    }
  }

  /**
   * Its first hooks lie behind others in the spool when a later one finds the daemon: the turns
   * before that one are no history.
   */
  @Test
  void aSessionBeginsWithItsFirstHookAlsoIfALaterOneIsHeardBefore() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      place.daemon().kill();
      fill(
          temp.resolve("tp/state/spool"), FILES / 2, System.currentTimeMillis() * 1_000_000L, call);
      try (Replay replay = place.replay("interactive", call)) {
        int last = replay.events().lastIndexOf("UserPromptSubmit");
        replay.play(replay.part(0, last));
        place.daemon().restart();
        replay.play(replay.part(last, replay.events().size()));
      }
      assertTrue(waiting(place) > 0, "the spool was empty too soon to show anything");
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  /** Each is set aside or left, counted and said; what is good beside them is taken. */
  @Test
  void filesThatCannotBeReadKeepNothingFromBeingTaken() throws Exception {
    Path spool = spool();
    Path outside = Files.writeString(temp.resolve("outside"), "precious");
    Files.write(spool.resolve("1-1.evt"), new byte[] {0, 1, 2});
    Files.createDirectory(spool.resolve("2-1.evt"));
    Files.createSymbolicLink(spool.resolve("3-1.evt"), outside);
    Files.write(spool.resolve("4-1.evt"), new byte[0]);
    assertEquals(
        0, new ProcessBuilder("mkfifo", spool.resolve("5-1.evt").toString()).start().waitFor());
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      String whole = request(6, "{\"session_id\":\"s\",\"hook_event_name\":\"Stop\"}", call);
      write(spool, 6, 1, whole.substring(0, whole.length() - 10));
      write(spool, 7, 1, whole);
      Path locked = spool.resolve("8-1.evt");
      Files.writeString(locked, whole);
      Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
      try (var place = Workplace.open(temp)) {
        Await.until("the spool is empty", RunningDaemon.PATIENCE, () -> waiting(place) == 0);
        JsonNode drops = place.daemon().status().path("drops");
        long aside = 0;
        for (var count : drops.properties()) {
          aside += count.getKey().startsWith("spool.bad.") ? count.getValue().asLong() : 0;
        }
        assertTrue(aside >= 6, drops.toString());
        assertTrue(place.daemon().command("doctor").text().contains("spool.bad."));
        assertEquals("precious", Files.readString(outside));
        place.play("interactive", call);
        place.daemon().flush();
        place.assertAllIsThere(server);
      }
    }
  }

  private static void fill(Path spool, int files, long begin, Map<String, String> call)
      throws IOException {
    Files.createDirectories(spool);
    for (int i = 0; i < files; i++) {
      String body =
          "{\"session_id\":\"spooled-%d\",\"hook_event_name\":\"Notification\",\"message\":\"%s\"}"
              .formatted(i % 50, "x".repeat(2000));
      write(spool, begin + i, 4000 + i % 7, request(begin + i, body, call));
    }
  }

  private Path spool() throws IOException {
    var mine = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectory(temp.resolve("tp"), mine);
    Files.createDirectory(temp.resolve("tp/state"), mine);
    return Files.createDirectory(temp.resolve("tp/state/spool"), mine);
  }

  private static void write(Path spool, long nanos, int pid, String request) throws IOException {
    Files.writeString(spool.resolve(nanos + "-" + pid + ".evt"), request);
  }

  private static String request(long nanos, String body, Map<String, String> environment) {
    var text = new StringBuilder();
    text.append("POST /v1/events/claude-code HTTP/1.1\r\nHost: turnpike\r\n");
    text.append("Content-Type: application/octet-stream\r\n");
    text.append("Content-Length: ")
        .append(body.getBytes(StandardCharsets.UTF_8).length)
        .append("\r\n");
    text.append("Turnpike-Protocol: 1\r\nTurnpike-Event-Id: %d-9\r\n".formatted(nanos));
    text.append("Turnpike-Time: %d\r\nTurnpike-Cwd: /tmp\r\n".formatted(nanos));
    text.append("Turnpike-Parent-Pid: 1\r\nTurnpike-Client: 0.1.0\r\n");
    environment.forEach(
        (name, value) -> text.append("Turnpike-Env: %s=%s\r\n".formatted(name, value)));
    return text.append("\r\n").append(body).toString();
  }

  private static long sent(Workplace place) throws IOException {
    return place
        .daemon()
        .status()
        .path("destinations")
        .valueStream()
        .mapToLong(destination -> destination.path("sentBatches").asLong())
        .sum();
  }

  private static long waiting(Workplace place) throws IOException {
    return place
        .daemon()
        .status()
        .path("stores")
        .valueStream()
        .filter(store -> store.path("name").asText().equals("spool"))
        .mapToLong(store -> store.path("entries").asLong())
        .sum();
  }
}
