package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import dev.turnpike.testing.NotChecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A state directory on a disk that is full or read-only: a small one of its own, where this machine
 * lets us mount it. Where it does not, {@link RefusingDiskIT} alone tries the same.
 */
class FullDiskIT {
  private static final String THREE_TURNS = "resume-twice";
  private static final int STOP_OF_THE_SECOND = 6;
  private static final int END = 12;

  @TempDir Path temp;

  @Test
  void fullInTheMiddle() throws Exception {
    try (var disk = disk();
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      Replay replay = place.replay(THREE_TURNS, call);
      replay.play(replay.part(0, STOP_OF_THE_SECOND - 1));
      disk.fill();
      replay.play(replay.part(STOP_OF_THE_SECOND - 1, STOP_OF_THE_SECOND));
      assertSaid(place.daemon(), "is full");
      disk.empty();
      replay.play(replay.part(STOP_OF_THE_SECOND, END));
      replay.close();
      goesOn(place.daemon());
      place.daemon().flush();
      place.assertAllIsThere(server);
    }
  }

  @Test
  void readOnlyInTheMiddle() throws Exception {
    try (var disk = disk();
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      Replay replay = place.replay(THREE_TURNS, call);
      replay.play(replay.part(0, STOP_OF_THE_SECOND - 1));
      place.daemon().kill(); // with a file open for writing it could not be made read-only
      disk.readOnly(true);
      place.daemon().relaunch();
      Await.until(
          "it answers",
          RunningDaemon.PATIENCE,
          () -> Files.exists(place.daemon().socket()) && answers(place.daemon()));
      replay.play(replay.part(STOP_OF_THE_SECOND - 1, STOP_OF_THE_SECOND));
      assertSaid(place.daemon(), "ead-only");
      disk.readOnly(false);
      goesOn(place.daemon());
      replay.play(replay.part(STOP_OF_THE_SECOND, END));
      replay.close();
      place.daemon().flush();
      place.assertAllIsThere(server, Copies.IDENTICAL); // a request may have been under way
    }
  }

  @Test
  void fullAtTheStart() throws Exception {
    try (var disk = disk();
        var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var place = Workplace.open(temp)) {
      Map<String, String> call = RunningDaemon.tracedTo(server);
      Replay replay = place.replay(THREE_TURNS, call);
      replay.play(replay.part(0, STOP_OF_THE_SECOND));
      place.daemon().kill();
      disk.fill();
      place.daemon().relaunch();
      Await.until(
          "it answers",
          RunningDaemon.PATIENCE,
          () -> Files.exists(place.daemon().socket()) && answers(place.daemon()));
      assertSaid(place.daemon(), "is full");
      disk.empty();
      goesOn(place.daemon());
      replay.play(replay.part(STOP_OF_THE_SECOND, END));
      replay.close();
      place.daemon().flush();
      place.assertAllIsThere(server, Copies.IDENTICAL); // a request may have been under way
    }
  }

  private SmallDisk disk() throws Exception {
    var disk = SmallDisk.at(temp.resolve("tp/state"), 4);
    NotChecked.unless(
        disk.isPresent(),
        "nothing can be mounted here, so a disk that is full or read-only at the start was not"
            + " tried; RefusingDiskIT tries one that refuses later");
    return disk.orElseThrow();
  }

  private static boolean answers(RunningDaemon daemon) {
    try {
      new DaemonSocket(daemon.socket()).ask("GET", "/v1/health");
      return true;
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private static void assertSaid(RunningDaemon daemon, String what) throws Exception {
    Await.until(
        "status says " + what,
        RunningDaemon.PATIENCE,
        () -> daemon.status().path("problems").toString().contains(what));
    assertFalse(daemon.status().path("ready").asBoolean());
    RunningDaemon.Said doctor = daemon.command("doctor");
    assertEquals(1, doctor.exit());
    assertTrue(doctor.text().contains(what), doctor.text());
  }

  private static void goesOn(RunningDaemon daemon) throws Exception {
    try {
      Await.until("it goes on by itself", RunningDaemon.PATIENCE, daemon::ready);
    } catch (AssertionError e) {
      throw new AssertionError(daemon.status().toPrettyString() + daemon.log(), e);
    }
  }
}
