package dev.turnpike.cli.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Agent;
import dev.turnpike.agent.claudecode.ClaudeCode;
import dev.turnpike.agent.claudecode.ClaudeCodeInstaller;
import dev.turnpike.agent.copilot.Copilot;
import dev.turnpike.agent.copilot.CopilotInstaller;
import dev.turnpike.agent.gemini.GeminiCli;
import dev.turnpike.agent.gemini.GeminiInstaller;
import dev.turnpike.agent.opencode.OpenCode;
import dev.turnpike.agent.opencode.OpenCodeInstaller;
import dev.turnpike.agent.pi.Pi;
import dev.turnpike.agent.pi.PiInstaller;
import dev.turnpike.cli.setup.Installation.Wishes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may read what installing writes: for every agent there is, new files and rewritten ones. */
class AgentFilesTest {
  private static final String CLAUDE = ".claude/settings.json";

  @TempDir Path temp;

  @Test
  void whatIsMadeIsTheUsersAlone() throws Exception {
    var machine = new FakeMachine(Files.createDirectory(temp.resolve("new")));
    install(machine);
    List<Path> made = agentFiles(machine.home);
    assertTrue(made.size() >= 3, made.toString());
    for (Path file : made) {
      assertEquals("rw-------", mode(file), file.toString());
    }
    Path state = machine.home.resolve(".local/state/turnpike");
    try (Stream<Path> all = Files.walk(state)) {
      for (Path path : all.toList()) {
        assertTrue(mode(path).endsWith("------"), path + " is " + mode(path));
      }
    }
  }

  /** A settings file keeps its mode, and a link to one in somebody's dotfiles stays a link. */
  @Test
  void whatIsRewrittenKeepsModeAndLink() throws Exception {
    var first = new FakeMachine(Files.createDirectory(temp.resolve("first")));
    install(first);
    List<String> names =
        agentFiles(first.home).stream()
            .map(file -> first.home.relativize(file).toString())
            .filter(name -> name.endsWith(".json"))
            .toList();
    assertTrue(names.contains(CLAUDE) && names.size() > 1, names.toString());
    for (String mode : List.of("rw-------", "rw-r--r--", "rw-rw----")) {
      var machine = new FakeMachine(Files.createDirectory(temp.resolve("with-" + mode)));
      Path dotfiles = Files.createDirectory(machine.home.resolve("dotfiles"));
      for (String name : names) {
        Path link = machine.home.resolve(name);
        Files.createDirectories(link.getParent());
        Path real = Files.writeString(dotfiles.resolve(name.replace('/', '_')), "{}\n");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString(mode));
        Files.createSymbolicLink(link, real);
      }
      install(machine);
      for (String name : names) {
        Path link = machine.home.resolve(name);
        assertTrue(Files.isSymbolicLink(link), name);
        assertEquals(mode, mode(link), name);
      }
      assertTrue(Files.readString(machine.home.resolve(CLAUDE)).contains("turnpike-hook"));
      run(Removal.plan(world(machine), false));
      for (String name : names) {
        Path link = machine.home.resolve(name);
        assertTrue(Files.isSymbolicLink(link), name + " after uninstall");
        assertFalse(Files.readString(link).contains("turnpike-hook"), name);
        assertEquals(mode, mode(link), name + " after uninstall");
      }
    }
  }

  private static void install(FakeMachine machine) throws Exception {
    Surroundings world = world(machine);
    run(Installation.plan(world, new Wishes(world.agents(), true, true), FakeMachine.VERSION));
  }

  private static void run(List<Step> steps) throws IOException, InterruptedException {
    for (Step step : steps) {
      if (step.planned()) {
        for (Step.Done done : step.work().run()) {
          assertFalse(done.state() == Step.State.FAILED, done.toString());
        }
      }
    }
  }

  private static List<Agent<?>> agents(FakeMachine machine) throws IOException {
    Path plugins = machine.image.resolve("share/agent-plugins");
    if (Files.notExists(plugins)) {
      Trees.copy(Path.of("..", "agent-plugins").toRealPath(), plugins, Set.of());
    }
    return List.of(
        new ClaudeCode(new ClaudeCodeInstaller()),
        new Copilot(new CopilotInstaller()),
        new GeminiCli(new GeminiInstaller()),
        new OpenCode(new OpenCodeInstaller(Optional.of(machine.image))),
        new Pi(new PiInstaller(Optional.of(machine.image))));
  }

  private static Surroundings world(FakeMachine machine) throws IOException {
    Surroundings one = machine.world();
    return new Surroundings(
        one.paths(),
        one.home(),
        one.os(),
        one.uid(),
        one.environment(),
        one.image(),
        one.javaHome(),
        agents(machine),
        one.clock(),
        one.programs(),
        one.daemon());
  }

  /** Those outside our own places that speak of us. */
  private static List<Path> agentFiles(Path home) throws IOException {
    try (Stream<Path> all = Files.walk(home)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(home.resolve(".local")))
          .filter(file -> !file.startsWith(home.resolve(".config/turnpike")))
          .filter(file -> !file.startsWith(home.resolve(".config/systemd")))
          .sorted()
          .toList();
    }
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
