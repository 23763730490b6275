package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.image.Image;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon's places are removed or damaged: it says so, goes on, and nothing accepted is lost.
 */
class DiskIT {
  private static final String THREE_TURNS = "resume-twice";
  private static final int STOP_OF_THE_SECOND = 6;
  private static final int END = 12;

  @TempDir Path temp;

  @Test
  void aStateDirectoryRemovedInTheMiddleIsMadeAgain() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      place.play("interactive", call);
      place.daemon().flush();
      Replay replay = place.replay(THREE_TURNS, call);
      replay.play(replay.part(0, STOP_OF_THE_SECOND));
      place.daemon().flush();
      remove(place.daemon().home().resolve("state"));
      replay.play(replay.part(STOP_OF_THE_SECOND, END));
      replay.close();
      place.daemon().flush();
      place.assertAllIsThere(server);
      Await.until(
          "it says so",
          RunningDaemon.PATIENCE,
          () -> place.daemon().status().path("warnings").toString().contains("were removed"));
      assertTrue(place.daemon().command("doctor").text().contains("were removed"));
      // what it wrote anew is as good as what it had
      place.daemon().kill();
      place.daemon().restart();
      place.play("multi-tool", call);
      place.daemon().flush();
      place.assertAllIsThere(server);
      assertTrue(place.daemon().status().path("ready").asBoolean());
    }
  }

  @Test
  void withTheSocketAndTheLogItIsFoundAgain() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      place.play("interactive", call);
      place.daemon().flush();
      remove(place.daemon().home());
      Await.until("it listens again", RunningDaemon.PATIENCE, place.daemon()::ready);
      place.play("multi-tool", call);
      place.daemon().flush();
      place.assertAllIsThere(server);
      assertTrue(Files.exists(place.daemon().home().resolve("log/turnpike.log")));
      assertEquals("a daemon is running already", runningAlready(place.daemon()));
    }
  }

  /** Nothing rests on either: what was in them is gone, what comes is written again. */
  @Test
  void aRemovedLogAndARemovedIndexAreBegunAgain() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      place.play("interactive", call);
      place.daemon().flush();
      String first =
          place.daemon().get("/v1/traces/local?limit=1").at("/traces/0/session").asText();
      JsonNode before = listed(place.daemon(), first);
      assertFalse(before.isEmpty());
      remove(place.daemon().home().resolve("log"));
      remove(place.daemon().home().resolve("cache"));
      assertEquals(before, listed(place.daemon(), first));
      Path log = place.daemon().home().resolve("log/turnpike.log");
      Await.until("the log is there", RunningDaemon.PATIENCE, () -> Files.exists(log));
      assertTrue(place.daemon().status().path("ready").asBoolean());
      place.daemon().terminate();
      assertTrue(Files.readString(log).contains("told to stop by a signal"), "it is written");
      place.daemon().restart();
      assertEquals(before, listed(place.daemon(), first));
      place.play("multi-tool", call);
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  private static JsonNode listed(RunningDaemon daemon, String session) throws IOException {
    return daemon.get("/v1/traces/local?session=" + session).path("traces");
  }

  /** The manager's to mend: the daemon only says so, and the hooks spool. */
  @Test
  void aSocketThatAServiceManagerHoldsIsMissed() throws Exception {
    try (var daemon =
        RunningDaemon.keptBy(
            CSource.program("keeper", temp),
            0,
            Image.folder().resolve("bin/turnpike"),
            temp.resolve("tp"),
            Map.of())) {
      Await.until("it listens", RunningDaemon.PATIENCE, () -> Files.exists(daemon.socket()));
      long pid = daemon.serving().pid();
      Files.delete(daemon.socket());
      Await.until(
          "it says so",
          RunningDaemon.PATIENCE,
          () -> daemon.log().contains("the socket cannot be made again: a service manager holds"));
      RunningDaemon.Said doctor = daemon.command("doctor");
      assertEquals(1, doctor.exit(), doctor.text());
      assertTrue(doctor.text().contains("pid " + pid + " runs, and nobody answers"), doctor.text());
    }
  }

  private static String runningAlready(RunningDaemon daemon) throws Exception {
    String text = daemon.command("daemon").text();
    return text.replaceAll("(?s).*(a daemon is running already).*", "$1");
  }

  /** Whoever takes the lock first is the one; the other leaves, and takes nothing with it. */
  @Test
  void ofTwoDaemonsAfterARemovalOneStays() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      place.play("interactive", call);
      place.daemon().flush();
      remove(place.daemon().home());
      try (var second = RunningDaemon.launch(place.daemon().home(), Map.of())) {
        Await.until(
            "one of them is gone",
            RunningDaemon.PATIENCE,
            () -> second.alive() != place.daemon().alive());
        RunningDaemon left = second.alive() ? second : place.daemon();
        left.awaitReady();
        place.play("multi-tool", call);
        left.flush();
        place.assertAllIsThere(server);
      }
    }
  }

  /** In the middle of an earlier segment, and garbage for an index: said, and no reason to stop. */
  @Test
  void aDamagedJournalAndIndexAreNoReasonNotToStart() throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      place.play("interactive", call);
      place.daemon().flush();
      assertEquals(0, place.daemon().command("traces", "--session", "x").exit());
      place.daemon().kill();
      damageMiddle(place.daemon().home().resolve("state/journal"), ".seg");
      damageMiddle(place.daemon().home().resolve("cache/index"), ".db");
      place.daemon().restart();
      place.play("multi-tool", call);
      place.daemon().flush();
      // what the damage hit may come again as it was; nothing may be missing
      Judgement.assertRight(place.played(), server, Judgement.Copies.IDENTICAL);
      assertEquals(0, place.daemon().command("traces", "--session", "x").exit());
      assertTrue(
          place.daemon().status().path("warnings").toString().contains("damaged journal"),
          place.daemon().log());
    }
  }

  private static void damageMiddle(Path directory, String suffix) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      List<Path> files = all.filter(file -> file.toString().endsWith(suffix)).toList();
      assertFalse(files.isEmpty(), "no " + suffix + " in " + directory);
      for (Path file : files) {
        byte[] bytes = Files.readAllBytes(file);
        for (int i = bytes.length / 2; i < Math.min(bytes.length, bytes.length / 2 + 64); i++) {
          bytes[i] ^= 0x5a;
        }
        Files.write(file, bytes);
      }
    }
  }

  /** As {@code rm -r} does, which meets what is made again meanwhile. */
  private static void remove(Path tree) throws IOException {
    Path gone = Files.move(tree, tree.resolveSibling(tree.getFileName() + ".gone"));
    try (Stream<Path> all = Files.walk(gone)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
