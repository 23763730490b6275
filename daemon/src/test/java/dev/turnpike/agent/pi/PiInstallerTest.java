package dev.turnpike.agent.pi;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

class PiInstallerTest {
  @TempDir Path temp;
  private Path image;
  private Path hook;
  private PiInstaller installer;

  @BeforeEach
  void layOutAnImage() throws IOException {
    image = temp.resolve("image");
    Path plugin = image.resolve("share/agent-plugins/pi/turnpike.ts");
    Files.createDirectories(plugin.getParent());
    Files.copy(Path.of("../agent-plugins/pi/turnpike.ts"), plugin);
    hook = Path.of("/opt/turn\"pike/bin/turnpike-hook");
    installer = new PiInstaller(Optional.of(image));
  }

  private Machine machine(Map<String, String> environment) {
    return new Machine(temp.resolve("home"), environment);
  }

  private Machine machine() {
    return machine(Map.of());
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

  @Test
  void placesTheExtensionOnceAndTakesItAway() throws Exception {
    assertEquals(new Registration.Absent(), installer.check(machine(), hook));
    List<FileChange> changes = installer.register(machine(), hook);
    assertEquals(
        List.of(temp.resolve("home/.pi/agent/extensions/turnpike.ts")),
        changes.stream().map(FileChange::file).toList());
    apply(changes);
    assertEquals(new Registration.Complete(), installer.check(machine(), hook));
    assertEquals(List.of(), installer.register(machine(), hook));
    String text = Files.readString(changes.getFirst().file());
    assertTrue(text.contains("\nconst TURNPIKE = \"/opt/turn\\\"pike/bin/turnpike\";"));
    apply(installer.unregister(machine()));
    assertEquals(new Registration.Absent(), installer.check(machine(), hook));
    assertEquals(List.of(), installer.unregister(machine()));
  }

  @Test
  void anExtensionOfAnotherVersionIsReplaced() throws Exception {
    apply(installer.register(machine(), hook));
    Path file = temp.resolve("home/.pi/agent/extensions/turnpike.ts");
    Files.writeString(file, Files.readString(file).replace("END_MS = 200", "END_MS = 900"));
    assertTrue(installer.check(machine(), hook) instanceof Registration.Partial);
    apply(installer.register(machine(), hook));
    assertEquals(new Registration.Complete(), installer.check(machine(), hook));
  }

  @Test
  void anotherInstallationsProgramIsNotOurs() throws Exception {
    apply(installer.register(machine(), hook));
    Path other = Path.of("/usr/local/bin/turnpike-hook");
    assertTrue(installer.check(machine(), other) instanceof Registration.Partial);
  }

  @Test
  void somebodyElsesFileStays() throws Exception {
    Path file = temp.resolve("home/.pi/agent/extensions/turnpike.ts");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "export default function () {}\n");
    assertThrows(UnreadableSettings.class, () -> installer.register(machine(), hook));
    assertEquals(List.of(), installer.unregister(machine()));
  }

  @Test
  void piMayHaveItsFolderElsewhere() throws Exception {
    var machine = machine(Map.of("PI_CODING_AGENT_DIR", "~/elsewhere"));
    assertEquals(
        temp.resolve("home/elsewhere/extensions/turnpike.ts"),
        installer.register(machine, hook).getFirst().file());
  }

  @Test
  void withoutTheFileOfTheImageNothingIsPlanned() throws Exception {
    Files.delete(image.resolve("share/agent-plugins/pi/turnpike.ts"));
    assertThrows(UnreadableSettings.class, () -> installer.register(machine(), hook));
    assertTrue(installer.check(machine(), hook) instanceof Registration.Absent);
  }
}
