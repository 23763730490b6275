package dev.turnpike.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.image.Image;
import dev.turnpike.it.Judgement.Copies;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A service manager holds the socket and hands it down: daemons come and go, the socket stays.
 *
 * <p>{@code -Dturnpike.upgrades=50} upgrades so often.
 */
class UpgradeIT {
  private static final int UPGRADES = Integer.getInteger("turnpike.upgrades", 4);
  private static final int AGENTS = 3;
  private static final String OTHER = "99.0.0";

  @TempDir Path temp;

  @Test
  void anUpgradeUnderLoadLosesNothing() throws Exception {
    List<Path> images = List.of(Image.folder(), OtherVersion.image(temp.resolve("other"), OTHER));
    Path app = temp.resolve("app");
    lead(app, images.getFirst());
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var daemon = kept(0, app.resolve("bin/turnpike"), Map.of());
        var agents = Workload.begin(temp, daemon.home(), server, AGENTS)) {
      Object socket = Files.getAttribute(daemon.socket(), "unix:ino");
      daemon.awaitReady();
      for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
        int before = agents.begun();
        Await.until(
            "agents are at work",
            RunningDaemon.PATIENCE,
            () -> agents.begun() > before + AGENTS || agents.broken());
        ProcessHandle old = daemon.serving();
        lead(app, images.get(upgrade % 2));
        if (upgrade % 2 == 0) {
          RunningDaemon.Said said = daemon.command("stop");
          assertEquals(0, said.exit(), said.text());
        } else {
          old.destroy();
        }
        old.onExit().get();
        // whoever calls next starts the new one
        boolean other = daemon.get("/v1/health").path("version").asText().equals(OTHER);
        assertEquals(upgrade % 2 == 1, other, daemon::log);
        assertNotEquals(old.pid(), daemon.serving().pid());
      }
      agents.end();
      daemon.flush();
      agents.assertAllIsThere(Copies.IDENTICAL);
      assertEquals(socket, Files.getAttribute(daemon.socket(), "unix:ino"));
      assertEquals(0, daemon.status().path("problems").size(), daemon::log);
      System.out.printf(
          "%d upgrades, %d captures, %d spans came twice%n",
          UPGRADES, agents.begun(), server.duplicates());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void anIdleDaemonLeavesAndTheNextHookWakesAnother(int descriptor) throws Exception {
    try (var server = FakeLangfuse.start(Mode.EVENTS_ONLY);
        var daemon =
            kept(
                descriptor,
                Image.folder().resolve("bin/turnpike"),
                Map.of("TURNPIKE_IDLE_EXIT", "1s"))) {
      var homes = new LinkedHashMap<Fixture, Path>();
      for (String name :
          descriptor == 0 ? List.of("multi-tool", "subagent") : List.of("thinking")) {
        Fixture fixture = Fixture.named(name);
        homes.put(fixture, temp.resolve(name));
        try (var replay =
            new Replay(
                fixture,
                temp.resolve(name),
                Replay.Mode.NORMAL,
                1,
                daemon.home(),
                RunningDaemon.tracedTo(server))) {
          replay.play();
        }
        ProcessHandle woken = daemon.serving();
        woken.onExit().get();
        assertTrue(Files.exists(daemon.socket()), "the manager's");
      }
      assertTrue(daemon.log().contains("(inherited)"), daemon::log);
      daemon.flush();
      Judgement.assertRight(homes, server, Copies.NONE);
    }
  }

  private RunningDaemon kept(int descriptor, Path program, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path keeper = CSource.program("keeper", temp);
    RunningDaemon daemon =
        RunningDaemon.keptBy(keeper, descriptor, program, temp.resolve("tp"), environment);
    Await.until("the manager listens", RunningDaemon.PATIENCE, () -> Files.exists(daemon.socket()));
    return daemon;
  }

  /** At once: nobody finds it missing. */
  private static void lead(Path link, Path to) throws IOException {
    Path unfinished = link.resolveSibling("app.new");
    Files.createSymbolicLink(unfinished, to);
    Files.move(unfinished, link, StandardCopyOption.ATOMIC_MOVE);
  }
}
