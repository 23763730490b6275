package dev.turnpike.cli.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.cli.setup.Installation.Wishes;
import dev.turnpike.cli.setup.Step.Done;
import dev.turnpike.cli.setup.Step.State;
import dev.turnpike.platform.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {
  private static final Wishes ALL = new Wishes(List.of(), true, true);
  private static final String SETTINGS = "{\n  \"model\": \"opus\"\n}\n";

  @TempDir Path temp;

  private FakeMachine machine;
  private Path home;

  @BeforeEach
  void machine() throws IOException {
    machine = new FakeMachine(temp.toRealPath());
    home = machine.home;
  }

  @Test
  void aFreshHomeGetsProgramLinksSettingsHooksAndDaemon() throws Exception {
    claude();
    List<Done> done = install();
    assertTrue(done.stream().noneMatch(one -> one.state() == State.FAILED), done.toString());
    Path app = home.resolve(".local/share/turnpike");
    assertTrue(Files.isSymbolicLink(app));
    assertTrue(Files.isExecutable(app.resolve("bin/turnpike-hook")));
    assertEquals(
        app.resolve("bin/turnpike"), Files.readSymbolicLink(home.resolve(".local/bin/turnpike")));
    Path config = home.resolve(".config/turnpike/config");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(config)));
    assertTrue(
        Files.readAllLines(config).stream()
            .allMatch(line -> line.isEmpty() || line.startsWith("#")));
    assertTrue(Files.readString(claude()).contains(app + "/bin/turnpike-hook"));
    assertEquals(List.of("stop", "start " + app.resolve("bin/turnpike")), machine.daemon);
  }

  @Test
  void theSecondTimeNothingIsDone() throws Exception {
    claude();
    install();
    Map<String, String> before = machine.everything();
    machine.daemon.clear();
    List<Done> again = install();
    assertEquals(before, machine.everything());
    assertEquals(List.of(), machine.daemon);
    assertTrue(again.stream().noneMatch(done -> done.state() == State.DONE), again.toString());
  }

  @Test
  void aDryRunWritesNothing() throws Exception {
    claude();
    Map<String, String> before = machine.everything();
    List<Step> steps = Installation.plan(machine.world(), ALL, FakeMachine.VERSION);
    assertTrue(steps.stream().filter(Step::planned).count() >= 6, steps.toString());
    assertEquals(before, machine.everything());
  }

  @Test
  void anotherImageReplacesTheOldOneAndRestartsTheDaemon() throws Exception {
    install();
    Path app = home.resolve(".local/share/turnpike");
    Path first = app.toRealPath();
    Files.writeString(first.resolve("turnpike.aot"), "made here");
    machine.daemon.clear();
    Files.writeString(machine.image.resolve("lib/turnpike-daemon-0.1.0.jar"), "newer");
    install();
    assertEquals("newer", Files.readString(app.resolve("lib/turnpike-daemon-0.1.0.jar")));
    assertFalse(Files.exists(first));
    assertEquals(List.of("stop", "start " + app.resolve("bin/turnpike")), machine.daemon);
  }

  @Test
  void anOlderDaemonIsRestarted() throws Exception {
    install();
    machine.daemon.clear();
    machine.runningVersion = Optional.of("0.0.9");
    install();
    assertEquals("stop", machine.daemon.getFirst());
    machine.daemon.clear();
    machine.runningVersion = Optional.of("0.0.9");
    run(
        Installation.plan(
            machine.world(), new Wishes(List.of(), true, false), FakeMachine.VERSION));
    assertEquals(List.of(), machine.daemon);
  }

  @Test
  void itCanRunFromTheInstalledImageItself() throws Exception {
    install();
    Path installed = home.resolve(".local/share/turnpike").toRealPath();
    List<Done> done =
        run(Installation.plan(machine.world(Optional.of(installed)), ALL, FakeMachine.VERSION));
    assertEquals(installed, home.resolve(".local/share/turnpike").toRealPath());
    assertTrue(done.stream().noneMatch(one -> one.state() == State.DONE), done.toString());
  }

  @Test
  void withoutAWholeImageItSaysWhatToDo() throws Exception {
    var fromClasses =
        assertThrows(
            IOException.class,
            () -> Installation.plan(machine.world(Optional.empty()), ALL, FakeMachine.VERSION));
    assertTrue(fromClasses.getMessage().contains("mvn -B -q package"));
    Files.delete(machine.image.resolve("bin/turnpike-hook"));
    var half = assertThrows(IOException.class, () -> install());
    assertTrue(half.getMessage().contains("C compiler"));
  }

  @Test
  void aServiceIsUsedWhereThereIsOne() throws Exception {
    machine.serviceUsable = true;
    install();
    Path units = home.resolve(".config/systemd/user");
    assertTrue(
        Files.readString(units.resolve("turnpike.service"))
            .contains(home + "/.local/share/turnpike/bin/turnpike"));
    assertTrue(machine.ran.contains("systemctl --user enable --now turnpike.socket"));
    assertEquals(List.of("stop", "await"), machine.daemon);
    assertTrue(Files.exists(home.resolve(".local/state/turnpike/service")));

    machine.ran.clear();
    machine.daemon.clear();
    install();
    assertEquals(List.of("systemctl --user show-environment"), machine.ran);
    assertEquals(List.of(), machine.daemon);

    // from then on without: the service goes
    run(
        Installation.plan(
            machine.world(), new Wishes(List.of(), false, true), FakeMachine.VERSION));
    assertFalse(Files.exists(units.resolve("turnpike.service")));
    assertFalse(Files.exists(home.resolve(".local/state/turnpike/service")));
  }

  @Test
  void onMacosALaunchAgentIsUsed() throws Exception {
    machine.os = Os.MACOS;
    machine.serviceUsable = true;
    install();
    Path plist = home.resolve("Library/LaunchAgents/dev.turnpike.daemon.plist");
    assertTrue(Files.readString(plist).contains("Application Support/turnpike/app/bin/turnpike"));
    assertTrue(machine.ran.contains("launchctl bootstrap gui/4711 " + plist));
    run(Removal.plan(machine.world(), true));
    assertFalse(Files.exists(plist));
    assertFalse(Files.exists(home.resolve("Library/Application Support/turnpike")));
  }

  @Test
  void belowTurnpikeHomeNothingOutsideIsTouched() throws Exception {
    Path own = home.resolve("trial");
    machine.environment.put("TURNPIKE_HOME", own.toString());
    machine.serviceUsable = true;
    install();
    assertEquals(
        List.of("", "trial"),
        machine.everything().keySet().stream().filter(name -> !name.contains("/")).toList());
    assertTrue(Files.isExecutable(own.resolve("app/bin/turnpike-hook")));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));
    assertTrue(Files.isSymbolicLink(own.resolve("bin/turnpike")));
    assertEquals(List.of(), machine.ran);
    run(Removal.plan(machine.world(), true));
    assertFalse(Files.exists(own));
  }

  @Test
  void agentsAreNamedOrFound() throws Exception {
    List<Done> none = install();
    assertTrue(none.stream().anyMatch(done -> done.text().contains("No agent was found")));
    var named = machine.world().agents();
    run(Installation.plan(machine.world(), new Wishes(named, true, true), FakeMachine.VERSION));
    assertTrue(Files.exists(home.resolve(".claude/settings.json")));
  }

  /** Codex runs no hook that its user has not trusted: nobody but the user may say so. */
  @Test
  void whatAnAgentAsksItsUserIsDoneOnlyIfTheUserSaidSo() throws Exception {
    Path config = home.resolve(".codex/config.toml");
    Files.createDirectories(config.getParent());
    assertEquals(1, Installation.questions(machine.world(), List.of()).size());
    List<Done> done = install();
    assertTrue(
        done.stream().anyMatch(one -> one.state() == State.NOTE && one.text().contains("--trust")),
        done.toString());
    assertTrue(Files.readString(config).contains("[[hooks.Stop]]"));
    assertFalse(Files.readString(config).contains("trusted_hash"));
    var agreed = new Wishes(List.of(), true, true, true);
    run(Installation.plan(machine.world(), agreed, FakeMachine.VERSION));
    assertTrue(Files.readString(config).contains("trusted_hash"));
    assertEquals(List.of(), Installation.questions(machine.world(), List.of()));
    String trusted = Files.readString(config);
    assertTrue(install().stream().noneMatch(one -> one.text().contains("--trust")));
    assertEquals(trusted, Files.readString(config));
  }

  @Test
  void settingsThatCannotBeReadFailAloneAndStay() throws Exception {
    Files.writeString(claude(), "{ broken");
    List<Done> done = install();
    assertEquals(1, done.stream().filter(one -> one.state() == State.FAILED).count());
    assertEquals("{ broken", Files.readString(claude()));
    assertEquals(2, machine.daemon.size());
  }

  @Test
  void aDaemonThatDoesNotStartIsSaid() throws Exception {
    machine.startFails = Optional.of("the disk is full");
    List<Done> done = install();
    assertTrue(
        done.stream()
            .anyMatch(
                one -> one.state() == State.FAILED && one.text().contains("the disk is full")));
  }

  @Test
  void anotherProgramOfOurNameIsLeftAlone() throws Exception {
    FakeMachine.program(home.resolve(".local/bin/turnpike"), "echo other");
    List<Done> done = install();
    assertTrue(
        done.stream()
            .anyMatch(one -> one.state() == State.NOTE && one.text().contains("another program")));
    run(Removal.plan(machine.world(), true));
    assertTrue(Files.exists(home.resolve(".local/bin/turnpike")));
  }

  @Test
  void aSettingsFileOfCodeTraceStaysInForce() throws Exception {
    Files.createDirectories(home.resolve(".config/code-trace"));
    Files.writeString(home.resolve(".config/code-trace/config"), "LANGFUSE_PUBLIC_KEY=pk-lf-1\n");
    install();
    assertFalse(Files.exists(home.resolve(".config/turnpike/config")));
  }

  @Test
  void uninstallLeavesTheHomeAsItWas() throws Exception {
    claude();
    Map<String, String> before = machine.everything();
    machine.serviceUsable = true;
    install();
    List<Done> done = run(Removal.plan(machine.world(), true));
    assertTrue(done.stream().noneMatch(one -> one.state() == State.FAILED), done.toString());
    assertEquals(before, machine.everything());
    assertEquals(List.of(), run(Removal.plan(machine.world(), true)));
  }

  @Test
  void whatInstallMadeForAnAgentGoesWhenItIsEmpty() throws Exception {
    Map<String, String> before = machine.everything();
    run(
        Installation.plan(
            machine.world(),
            new Wishes(machine.world().agents(), true, true),
            FakeMachine.VERSION));
    run(Removal.plan(machine.world(), true));
    assertEquals(before, machine.everything());
  }

  @Test
  void withoutPurgeStateAndOwnSettingsStay() throws Exception {
    claude();
    install();
    Path config = home.resolve(".config/turnpike/config");
    Files.writeString(config, "LANGFUSE_USER_ID=me\n");
    List<Done> done = run(Removal.plan(machine.world(), false));
    assertTrue(
        done.stream()
            .anyMatch(
                one -> one.text().contains("Kept") && one.text().contains(config.toString())));
    assertTrue(Files.exists(config));
    assertTrue(Files.isDirectory(home.resolve(".local/state/turnpike/backups")));
    assertFalse(Files.exists(home.resolve(".local/share/turnpike")));
    assertEquals(SETTINGS, Files.readString(claude()));
  }

  @Test
  void aHalfInstallationIsTakenBackToo() throws Exception {
    claude();
    install();
    Files.delete(home.resolve(".local/share/turnpike"));
    Files.delete(home.resolve(".local/state/turnpike/installed"));
    Files.delete(home.resolve(".local/bin/turnpike-hook"));
    machine.runningVersion = Optional.empty();
    run(Removal.plan(machine.world(), false));
    assertEquals(List.of(), Trees.named(home.resolve(".local/share"), "turnpike"));
    assertEquals(SETTINGS, Files.readString(claude()));
  }

  @Test
  void onlyThreeBackupsOfAFileAreKept() throws Exception {
    claude();
    for (int i = 0; i < 3; i++) {
      install();
      run(Removal.plan(machine.world(), false));
    }
    List<Path> backups =
        Trees.named(home.resolve(".local/state/turnpike/backups/claude-code"), "settings.json");
    assertEquals(3, backups.size());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(backups.getFirst())));
  }

  @Test
  void permissionsOfAUsersFileStayAndLinksAreWrittenThrough() throws Exception {
    Path real = Files.createDirectories(home.resolve("dotfiles")).resolve("claude.json");
    Files.writeString(real, SETTINGS);
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r--r--"));
    Files.createDirectories(home.resolve(".claude"));
    Path link = Files.createSymbolicLink(home.resolve(".claude/settings.json"), real);
    install();
    assertTrue(Files.isSymbolicLink(link));
    assertTrue(Files.readString(real).contains("turnpike-hook"));
    assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(real)));
  }

  private Path claude() throws IOException {
    Path settings = home.resolve(".claude/settings.json");
    if (Files.notExists(settings)) {
      Files.createDirectories(settings.getParent());
      Files.writeString(settings, SETTINGS);
    }
    return settings;
  }

  private List<Done> install() throws IOException, InterruptedException {
    return run(Installation.plan(machine.world(), ALL, FakeMachine.VERSION));
  }

  private static List<Done> run(List<Step> steps) throws IOException, InterruptedException {
    var done = new ArrayList<Done>();
    for (Step step : steps) {
      if (step.planned()) {
        done.addAll(step.work().run());
      } else {
        done.add(new Done(step.before(), step.text()));
      }
    }
    return done;
  }
}
