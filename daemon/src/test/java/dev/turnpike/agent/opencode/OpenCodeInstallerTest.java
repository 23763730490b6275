package dev.turnpike.agent.opencode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.agent.Installer.Registration;
import dev.turnpike.agent.Installer.UnreadableSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenCodeInstallerTest {
  @TempDir Path temp;
  private Machine machine;
  private Path folder;
  private Path hook;
  private OpenCodeInstaller installer;

  @BeforeEach
  void image() throws IOException {
    machine = new Machine(temp.resolve("home"), Map.of());
    folder = temp.resolve("home/.config/opencode");
    Path plugin = temp.resolve("image/share/agent-plugins/opencode/turnpike.js");
    Files.createDirectories(plugin.getParent());
    Files.copy(Path.of("../agent-plugins/opencode/turnpike.js"), plugin);
    hook = temp.resolve("image/bin/turnpike-hook");
    installer = new OpenCodeInstaller(Optional.of(temp.resolve("image")));
  }

  @Test
  void thePluginIsPlacedWithTheProgramThatStartsADaemon() throws Exception {
    apply(installer.register(machine, hook));
    String text = Files.readString(folder.resolve("plugins/turnpike.js"));
    assertTrue(
        text.contains("const PROGRAM = \"" + temp.resolve("image/bin/turnpike") + "\";"), text);
    assertInstanceOf(Registration.Complete.class, installer.check(machine, hook));
  }

  @Test
  void aSecondRunChangesNothing() throws Exception {
    apply(installer.register(machine, hook));
    assertEquals(List.of(), installer.register(machine, hook));
  }

  @Test
  void openCodeIsKeptFromWaitingForTheRegistry() throws Exception {
    apply(installer.register(machine, hook));
    assertTrue(Files.isDirectory(folder.resolve("node_modules")));
    assertTrue(
        Files.readString(folder.resolve("package-lock.json")).contains("@opencode-ai/plugin"));
  }

  @Test
  void packagesOfTheUserStayAsTheyAre() throws Exception {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("package.json"), "{\"dependencies\":{\"x\":\"1\"}}");
    assertEquals(
        List.of(folder.resolve("plugins/turnpike.js")),
        installer.register(machine, hook).stream().map(FileChange::file).toList());
  }

  @Test
  void everythingOfOursGoesAgainAndNothingElse() throws Exception {
    Files.createDirectories(folder.resolve("plugins"));
    Files.writeString(folder.resolve("plugins/theirs.js"), "export default {}");
    Files.writeString(folder.resolve("opencode.json"), "{ /* mine */ }");
    apply(installer.register(machine, hook));
    apply(installer.unregister(machine));
    assertTrue(Files.notExists(folder.resolve("plugins/turnpike.js")));
    assertTrue(Files.notExists(folder.resolve("package-lock.json")));
    assertTrue(Files.exists(folder.resolve("plugins/theirs.js")));
    assertEquals("{ /* mine */ }", Files.readString(folder.resolve("opencode.json")));
    assertEquals(List.of(), installer.unregister(machine));
    assertInstanceOf(Registration.Absent.class, installer.check(machine, hook));
  }

  @Test
  void aLockFileThatOpenCodeHasChangedStays() throws Exception {
    apply(installer.register(machine, hook));
    Files.writeString(folder.resolve("package-lock.json"), "{\"packages\":{}}");
    apply(installer.unregister(machine));
    assertTrue(Files.exists(folder.resolve("package-lock.json")));
  }

  @Test
  void anOlderPluginIsSaidAndReplaced() throws Exception {
    apply(installer.register(machine, hook));
    Path plugin = folder.resolve("plugins/turnpike.js");
    Files.writeString(plugin, Files.readString(plugin) + "// old\n");
    assertInstanceOf(Registration.Partial.class, installer.check(machine, hook));
    apply(installer.register(machine, hook));
    assertInstanceOf(Registration.Complete.class, installer.check(machine, hook));
  }

  @Test
  void aPluginOfThatNameThatIsNotOursIsLeftAlone() throws Exception {
    Files.createDirectories(folder.resolve("plugins"));
    Files.writeString(folder.resolve("plugins/turnpike.js"), "export default {}");
    assertThrows(UnreadableSettings.class, () -> installer.register(machine, hook));
    assertEquals(List.of(), installer.unregister(machine));
  }

  @Test
  void theConfigFolderIsWhereXdgSays() {
    var other = new Machine(temp, Map.of("XDG_CONFIG_HOME", temp.resolve("xdg").toString()));
    assertEquals(
        temp.resolve("xdg/opencode/plugins/turnpike.js"), installer.detect(other).settings());
  }

  private static void apply(List<FileChange> changes) throws IOException {
    for (FileChange change : changes) {
      if (change.content().isPresent()) {
        Files.createDirectories(change.file().getParent());
        Files.writeString(change.file(), change.content().get());
      } else {
        Files.delete(change.file());
      }
    }
  }
}
