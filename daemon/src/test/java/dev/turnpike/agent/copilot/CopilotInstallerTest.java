package dev.turnpike.agent.copilot;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopilotInstallerTest {
  private static final Path HOOK = Path.of("/opt/it's/bin/turnpike-hook");

  @TempDir Path temp;
  private final CopilotInstaller installer = new CopilotInstaller();

  private Machine machine() {
    return new Machine(
        temp.resolve("home"), Map.of("TURNPIKE_HOME", temp.resolve("turnpike").toString()));
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
  void registersOnceAndTakesEverythingAway() throws Exception {
    Path hooks = temp.resolve("home/.copilot/hooks/turnpike.json");
    Path token = temp.resolve("turnpike/state/otlp/copilot.token");
    Path script = temp.resolve("turnpike/copilot.sh");
    assertEquals(new Registration.Absent(), installer.check(machine(), HOOK));
    List<FileChange> changes = installer.register(machine(), HOOK);
    assertEquals(List.of(hooks, token, script), changes.stream().map(FileChange::file).toList());
    apply(changes);
    assertEquals(new Registration.Complete(), installer.check(machine(), HOOK));
    assertEquals(List.of(), installer.register(machine(), HOOK));
    String secret = Files.readString(token).strip();
    assertTrue(secret.matches("[0-9a-f]{48}"), secret);
    assertTrue(Files.readString(script).contains("x-turnpike-token=" + secret));
    assertTrue(
        Files.readString(hooks).contains("'/opt/it'\\\\''s/bin/turnpike-hook' copilot agentStop"));
    assertTrue(!Files.readString(hooks).contains("preToolUse"), "it could deny tools");
    apply(installer.unregister(machine()));
    assertEquals(new Registration.Absent(), installer.check(machine(), HOOK));
    assertEquals(List.of(), installer.unregister(machine()));
  }

  @Test
  void theTokenStaysWhenTheRestIsRenewed() throws Exception {
    apply(installer.register(machine(), HOOK));
    Path token = temp.resolve("turnpike/state/otlp/copilot.token");
    String secret = Files.readString(token);
    Path other = Path.of("/usr/bin/turnpike-hook");
    assertTrue(installer.check(machine(), other) instanceof Registration.Partial);
    apply(installer.register(machine(), other));
    assertEquals(new Registration.Complete(), installer.check(machine(), other));
    assertEquals(secret, Files.readString(token));
  }

  @Test
  void somebodyElsesFileStays() throws Exception {
    Path hooks = temp.resolve("home/.copilot/hooks/turnpike.json");
    Files.createDirectories(hooks.getParent());
    Files.writeString(hooks, "{\"hooks\":{}}");
    assertThrows(UnreadableSettings.class, () -> installer.register(machine(), HOOK));
    assertEquals(List.of(), installer.unregister(machine()));
  }
}
