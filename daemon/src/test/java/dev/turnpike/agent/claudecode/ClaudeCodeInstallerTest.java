package dev.turnpike.agent.claudecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.agent.Installer.FileChange;
import dev.turnpike.agent.Installer.Machine;
import dev.turnpike.agent.Installer.Registration;
import dev.turnpike.agent.Installer.UnreadableSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Golden cases of settings files, each with what must become of it. */
class ClaudeCodeInstallerTest {
  private static final Path PROGRAM = Path.of("/opt/tp/bin/turnpike-hook");
  private static final String FOREIGN =
      """
      {
          "model": "opus",
          "limit": 1.50e2,
          "hooks": {
              "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}],
              "PreToolUse": [
                  {
                      "matcher": "Bash",
                      "hooks": [
                          {"type": "command", "command": "/usr/bin/lint", "timeout": 3}
                      ]
                  }
              ],
              "FileChanged": []
          },
          "x-unknown": {"b": 1, "a": [ ]},
          "permissions": {"allow": ["Bash", "Read"]}
      }
      """;

  @TempDir Path temp;

  private Path settings;
  private Machine machine;
  private ClaudeCodeInstaller installer;

  @BeforeEach
  void home() {
    settings = temp.resolve(".claude/settings.json");
    machine = new Machine(temp, Map.of("PATH", temp.resolve("bin").toString()));
    installer = new ClaudeCodeInstaller(temp.resolve("managed.json"));
  }

  @Test
  void aMissingFileIsMadeWithEveryHook() throws Exception {
    JsonNode hooks = new ObjectMapper().readTree(registered()).path("hooks");
    assertEquals(HookTable.ALL.size(), hooks.size());
    JsonNode stop = hooks.path("Stop").path(0).path("hooks").path(0);
    assertEquals("command", stop.path("type").asText());
    assertEquals(PROGRAM.toString(), stop.path("command").asText());
    assertEquals("[\"claude-code\"]", stop.path("args").toString());
    assertFalse(stop.has("async"));
    assertEquals(5, hooks.at("/SessionEnd/0/hooks/0/timeout").asInt());
    assertTrue(hooks.at("/PostToolUse/0/hooks/0/async").asBoolean());
  }

  @Test
  void whatEndsOrBeginsSomethingIsNeverAsync() {
    for (String event :
        List.of(
            "Stop",
            "StopFailure",
            "SubagentStart",
            "SubagentStop",
            "SessionStart",
            "UserPromptSubmit",
            "SessionEnd")) {
      assertTrue(
          HookTable.ALL.stream().anyMatch(hook -> hook.event().equals(event) && !hook.async()),
          event);
    }
    for (String never :
        List.of("WorktreeCreate", "MessageDisplay", "FileChanged", "PostToolBatch")) {
      assertTrue(HookTable.ALL.stream().noneMatch(hook -> hook.event().equals(never)), never);
    }
  }

  @Test
  void aFileInUseKeepsEverythingElse() throws Exception {
    write(FOREIGN);
    String after = registered();
    String head = FOREIGN.substring(0, FOREIGN.indexOf("\"hooks\""));
    String tail = FOREIGN.substring(FOREIGN.indexOf("    \"x-unknown\""));
    assertTrue(after.startsWith(head), after);
    assertTrue(after.endsWith(tail), after);
    JsonNode hooks = new ObjectMapper().readTree(after).path("hooks");
    assertEquals("say done", hooks.at("/Stop/0/hooks/0/command").asText());
    assertEquals(PROGRAM.toString(), hooks.at("/Stop/1/hooks/0/command").asText());
    assertEquals("/usr/bin/lint", hooks.at("/PreToolUse/0/hooks/0/command").asText());
    assertEquals(PROGRAM.toString(), hooks.at("/PreToolUse/1/hooks/0/command").asText());
  }

  @Test
  void takingItBackGivesTheFileAsItWas() throws Exception {
    for (String before : List.of(FOREIGN, "{}\n", "{\"a\":1}", "{\n\t\"env\": {}\n}\n")) {
      write(before);
      write(registered());
      write(content(installer.unregister(machine)));
      assertEquals(before, Files.readString(settings));
      assertEquals(List.of(), installer.unregister(machine));
    }
  }

  @Test
  void twiceChangesNothingTheSecondTime() throws Exception {
    write(FOREIGN);
    write(registered());
    assertEquals(List.of(), installer.register(machine, PROGRAM));
    assertInstanceOf(Registration.Complete.class, installer.check(machine, PROGRAM));
  }

  @Test
  void hooksOfOursElsewhereAreMovedNotDoubled() throws Exception {
    write(content(installer.register(machine, Path.of("/old place/turnpike-hook"))));
    var partial = assertInstanceOf(Registration.Partial.class, installer.check(machine, PROGRAM));
    assertTrue(partial.problems().getFirst().contains("/old place/turnpike-hook"));
    String moved = registered();
    assertFalse(moved.contains("/old place/"));
    Files.delete(settings);
    assertEquals(registered(), moved);
  }

  @Test
  void hooksInShellFormAndDoubledOnesBecomeOne() throws Exception {
    write(
        """
        {"hooks": {"Stop": [
          {"matcher": "x", "hooks": [{"type": "command", "command": "/a/turnpike-hook", "args": ["claude-code"]}]},
          {"hooks": [
            {"type": "command", "command": "echo turnpike-hook"},
            {"type": "command", "command": "'/old one/turnpike-hook' claude-code"},
            {"type": "command", "command": "turnpike-hook claude-code", "statusMessage": "kept?"}]}
        ], "MessageDisplay": [{"hooks": [{"type": "command", "command": "/b/turnpike-hook claude-code"}]}]}}
        """);
    JsonNode hooks = new ObjectMapper().readTree(registered()).path("hooks");
    assertEquals(1, hooks.path("Stop").size());
    assertEquals(2, hooks.at("/Stop/0/hooks").size());
    assertEquals("echo turnpike-hook", hooks.at("/Stop/0/hooks/0/command").asText());
    assertEquals(PROGRAM.toString(), hooks.at("/Stop/0/hooks/1/command").asText());
    assertEquals("[\"claude-code\"]", hooks.at("/Stop/0/hooks/1/args").toString());
    assertFalse(hooks.has("MessageDisplay"));
  }

  @Test
  void aTimeOutThePersonChoseStays() throws Exception {
    write(registered().replace("\"timeout\": 10", "\"timeout\": 30"));
    assertEquals(List.of(), installer.register(machine, PROGRAM));
    assertTrue(content(installer.register(machine, Path.of("/new/turnpike-hook"))).contains("30"));
  }

  @Test
  void someHooksMissingIsPartial() throws Exception {
    write(
        """
        {"hooks": {"Stop": [{"hooks": [
          {"type": "command", "command": "/opt/tp/bin/turnpike-hook", "args": ["claude-code"], "timeout": 5}]}]}}
        """);
    var partial = assertInstanceOf(Registration.Partial.class, installer.check(machine, PROGRAM));
    assertEquals(1, partial.problems().size(), partial.toString());
    assertTrue(partial.problems().getFirst().contains("SessionStart"));
    assertFalse(partial.problems().getFirst().contains(" Stop,"));
  }

  @Test
  void nothingOfOursIsAbsent() throws Exception {
    assertInstanceOf(Registration.Absent.class, installer.check(machine, PROGRAM));
    write(FOREIGN);
    assertInstanceOf(Registration.Absent.class, installer.check(machine, PROGRAM));
    assertEquals(List.of(), installer.unregister(machine));
  }

  @Test
  void anUnreadableFileIsLeftAloneAndNamedWithItsLine() throws Exception {
    write("{\n  \"model\": \"opus\",\n  // comment\n}\n");
    var refused =
        assertThrows(UnreadableSettings.class, () -> installer.register(machine, PROGRAM));
    assertTrue(refused.getMessage().contains(settings + ", line 3"), refused.getMessage());
    assertTrue(refused.getMessage().contains("Nothing was changed"));
    assertEquals(List.of(), installer.unregister(machine), "nothing in it can be ours");
    assertInstanceOf(Registration.Unreadable.class, installer.check(machine, PROGRAM));
    write("{\n  \"hooks\": \"turnpike-hook\",\n  // comment\n}\n");
    assertThrows(UnreadableSettings.class, () -> installer.unregister(machine));
  }

  @Test
  void aFileOfAnotherShapeIsLeftAlone() throws Exception {
    for (String odd : List.of("[]", "{\"hooks\": []}", "{\"hooks\": {\"Stop\": {}}}")) {
      write(odd);
      assertThrows(UnreadableSettings.class, () -> installer.register(machine, PROGRAM), odd);
    }
    Files.write(settings, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
    assertThrows(UnreadableSettings.class, () -> installer.register(machine, PROGRAM));
  }

  @Test
  void aReadOnlyFileIsRespected() throws Exception {
    write("{}");
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("r--r--r--"));
    var refused =
        assertThrows(UnreadableSettings.class, () -> installer.register(machine, PROGRAM));
    assertTrue(refused.getMessage().contains("chmod u+w"), refused.getMessage());
  }

  @Test
  void aSymbolicLinkIsWrittenThrough() throws Exception {
    Path real = Files.createDirectories(temp.resolve("dotfiles")).resolve("claude.json");
    Files.writeString(real, "{\"a\":1}");
    Files.createDirectories(settings.getParent());
    Files.createSymbolicLink(settings, Path.of("../dotfiles/claude.json"));
    assertEquals(real, installer.register(machine, PROGRAM).getFirst().file());
    Files.delete(real);
    assertEquals(real, installer.register(machine, PROGRAM).getFirst().file());
  }

  @Test
  void withThePluginEnabledTheHooksAreThePluginsAlone() throws Exception {
    write("{\"enabledPlugins\": {\"turnpike@turnpike\": true, \"other@x\": true}}");
    assertEquals(List.of(), installer.register(machine, PROGRAM));
    assertInstanceOf(Registration.Complete.class, installer.check(machine, PROGRAM));

    write("{}");
    write(registered().replaceFirst("\\{", "{\"enabledPlugins\": {\"turnpike@turnpike\": true},"));
    var partial = assertInstanceOf(Registration.Partial.class, installer.check(machine, PROGRAM));
    assertTrue(partial.problems().getFirst().contains("twice"));
    write(content(installer.register(machine, PROGRAM)));
    assertFalse(Files.readString(settings).contains("turnpike-hook"));

    write("{\"enabledPlugins\": {\"turnpike@turnpike\": false}}");
    assertEquals(1, installer.register(machine, PROGRAM).size());
  }

  @Test
  void whatForbidsHooksIsSaid() throws Exception {
    write(registered().replaceFirst("\\{", "{\"disableAllHooks\": true,"));
    var off = assertInstanceOf(Registration.Partial.class, installer.check(machine, PROGRAM));
    assertTrue(off.problems().getFirst().contains("disableAllHooks"));

    Files.delete(settings);
    write(registered());
    Files.writeString(temp.resolve("managed.json"), "{\"allowManagedHooksOnly\": true}");
    var managed = assertInstanceOf(Registration.Partial.class, installer.check(machine, PROGRAM));
    assertTrue(managed.problems().getFirst().contains("administrator"));
  }

  @Test
  void hooksAroundToolCallsCanBeLeftOut() throws Exception {
    write(registered());
    machine = new Machine(temp, Map.of("TURNPIKE_TOOL_HOOKS", "false"));
    String without = registered();
    assertFalse(without.contains("ToolUse"));
    assertTrue(without.contains("PermissionDenied"));
  }

  @Test
  void theAgentIsFoundByItsFolderOrItsProgram() throws Exception {
    assertFalse(installer.detect(machine).present());
    Path program = Files.createDirectories(temp.resolve("bin")).resolve("claude");
    Files.writeString(program, "#!/bin/sh\n");
    assertFalse(installer.detect(machine).present());
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertEquals(program.toString(), installer.detect(machine).evidence().orElseThrow());
    Files.createDirectories(temp.resolve(".claude"));
    assertEquals(
        temp.resolve(".claude").toString(), installer.detect(machine).evidence().orElseThrow());
  }

  @Test
  void anotherPlaceForItsSettingsIsHonoured() throws Exception {
    machine = new Machine(temp, Map.of("CLAUDE_CONFIG_DIR", temp.resolve("else").toString()));
    assertEquals(temp.resolve("else/settings.json"), installer.detect(machine).settings());
    assertEquals(
        temp.resolve("else/settings.json"), installer.register(machine, PROGRAM).getFirst().file());
  }

  private String registered() throws Exception {
    return content(installer.register(machine, PROGRAM));
  }

  private static String content(List<FileChange> changes) {
    assertEquals(1, changes.size());
    return changes.getFirst().content().orElseThrow();
  }

  private void write(String text) throws IOException {
    Files.createDirectories(settings.getParent());
    Files.writeString(settings, text);
  }
}
