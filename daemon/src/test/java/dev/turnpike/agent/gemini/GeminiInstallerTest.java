package dev.turnpike.agent.gemini;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.agent.Installer.Registration;
import dev.turnpike.agent.Installer.UnreadableSettings;
import dev.turnpike.agent.JsonDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeminiInstallerTest {
  private static final Path PROGRAM = Path.of("/opt/a b/it's/turnpike-hook");
  private static final String THEIRS =
      """
      {
        // mine
        "ui": { "theme": "Dark" }, // dark
        "hooks": {
          // theirs
          "AfterAgent": [{ "hooks": [{ "type": "command", "command": "notify" }] }] /* last */
        }
      }
      """;

  @TempDir Path temp;
  private Path settings;
  private Machine machine;
  private GeminiInstaller installer;

  @BeforeEach
  void setUp() throws Exception {
    settings = temp.resolve("home/.gemini/settings.json");
    Files.createDirectories(settings.getParent());
    machine = new Machine(temp.resolve("home"), Map.of());
    installer = new GeminiInstaller(temp.resolve("system.json"));
  }

  private void apply(List<FileChange> changes) throws Exception {
    for (FileChange change : changes) {
      Files.writeString(change.file(), change.content().orElseThrow());
    }
  }

  private JsonNode hooks() throws Exception {
    return JsonDocument.parseCommented(Files.readString(settings)).at("/hooks").orElseThrow();
  }

  @Test
  void registersFourHooksOnceAndTakesThemBack() throws Exception {
    Files.writeString(settings, THEIRS);
    assertEquals(new Registration.Absent(), installer.check(machine, PROGRAM));
    apply(installer.register(machine, PROGRAM));
    assertEquals(List.of(), installer.register(machine, PROGRAM));
    assertEquals(new Registration.Complete(), installer.check(machine, PROGRAM));
    assertEquals(4, hooks().size());
    assertEquals(2, hooks().path("AfterAgent").size());
    for (String comment : List.of("// mine", "// dark", "// theirs", "/* last */")) {
      assertTrue(Files.readString(settings).contains(comment), comment);
    }
    apply(installer.unregister(machine));
    assertEquals(THEIRS, Files.readString(settings));
    assertEquals(List.of(), installer.unregister(machine));
  }

  @Test
  void aFileThatIsNotThereIsMade() throws Exception {
    apply(installer.register(machine, PROGRAM));
    assertEquals(new Registration.Complete(), installer.check(machine, PROGRAM));
  }

  @Test
  void anOlderEntryIsCorrectedInItsPlace() throws Exception {
    Files.writeString(
        settings,
        "{\"hooks\":{\"BeforeAgent\":[{\"hooks\":[{\"type\":\"command\",\"command\":\"/old/turnpike-hook"
            + " gemini-cli\",\"timeout\":900}]}],\"AfterModel\":[{\"hooks\":[{\"type\":\"command\",\"command\":\"/old/turnpike-hook"
            + " gemini-cli\"}]}]}}");
    assertTrue(installer.check(machine, PROGRAM) instanceof Registration.Partial);
    apply(installer.register(machine, PROGRAM));
    assertEquals(new Registration.Complete(), installer.check(machine, PROGRAM));
    assertFalse(hooks().has("AfterModel"));
    assertEquals(900, hooks().at("/BeforeAgent/0/hooks/0/timeout").asInt());
  }

  @Test
  void whatSwitchesHooksOffIsSaid() throws Exception {
    apply(installer.register(machine, PROGRAM));
    Files.writeString(temp.resolve("system.json"), "{\"hooksConfig\":{\"enabled\":false}}");
    assertTrue(installer.check(machine, PROGRAM) instanceof Registration.Partial);
    Files.writeString(
        temp.resolve("system.json"), "{\"hooksConfig\":{\"disabled\":[\"turnpike\"]}}");
    assertTrue(installer.check(machine, PROGRAM) instanceof Registration.Partial);
    Files.writeString(temp.resolve("system.json"), "{\"hooksConfig\":{\"enabled\":true}}");
    assertEquals(new Registration.Complete(), installer.check(machine, PROGRAM));
  }

  @Test
  void withTheExtensionThereAreNoHooksInTheSettings() throws Exception {
    apply(installer.register(machine, PROGRAM));
    Path extension = settings.resolveSibling("extensions/turnpike/gemini-extension.json");
    Files.createDirectories(extension.getParent());
    Files.writeString(extension, "{}");
    assertTrue(installer.check(machine, PROGRAM) instanceof Registration.Partial);
    apply(installer.register(machine, PROGRAM));
    assertFalse(Files.readString(settings).contains("turnpike-hook"));
    assertEquals(new Registration.Complete(), installer.check(machine, PROGRAM));
  }

  @Test
  void anotherHomeIsHonoured() {
    var elsewhere =
        new Machine(temp.resolve("home"), Map.of("GEMINI_CLI_HOME", temp.resolve("x").toString()));
    assertEquals(temp.resolve("x/.gemini/settings.json"), installer.detect(elsewhere).settings());
  }

  @Test
  void whatCannotBeReadIsLeftAlone() throws Exception {
    Files.writeString(settings, "{\"hooks\": [1]}");
    assertThrows(UnreadableSettings.class, () -> installer.register(machine, PROGRAM));
    Files.writeString(settings, "{ // half");
    assertThrows(UnreadableSettings.class, () -> installer.register(machine, PROGRAM));
    assertTrue(installer.check(machine, PROGRAM) instanceof Registration.Unreadable);
  }

  /** A hook that fails and speaks stops the user's prompt: contracts/gemini-cli.md section 2. */
  @Test
  void aMissingProgramIsSilentSuccessToTheShell() throws Exception {
    Path out = temp.resolve("out");
    Process shell =
        new ProcessBuilder("bash", "-c", HookEntries.command("/nowhere/it's/turnpike-hook"))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    shell.getOutputStream().close();
    assertTrue(shell.waitFor(20, TimeUnit.SECONDS));
    assertEquals(0, shell.exitValue());
    assertEquals("", Files.readString(out));
  }

  @Test
  void theExtensionRegistersTheSame() throws Exception {
    Path extension = Path.of("../agent-plugins/gemini-cli");
    JsonNode hooks =
        new ObjectMapper().readTree(extension.resolve("hooks/hooks.json").toFile()).path("hooks");
    assertEquals(HookEntries.EVENTS.size(), hooks.size());
    for (String event : HookEntries.EVENTS) {
      assertEquals(
          HookEntries.ENTRIES.handler(event, "${extensionPath}/bin/turnpike-hook"),
          hooks.path(event).at("/0/hooks/0"));
    }
    assertTrue(Files.isExecutable(extension.resolve("bin/turnpike-hook")));
    assertEquals(
        "turnpike",
        new ObjectMapper()
            .readTree(extension.resolve("gemini-extension.json").toFile())
            .path("name")
            .asText());
  }
}
