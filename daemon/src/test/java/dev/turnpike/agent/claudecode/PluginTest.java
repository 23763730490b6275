package dev.turnpike.agent.claudecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.config.Setting;
import dev.turnpike.platform.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin for Claude Code, as it lies in {@code agent-plugins/claude-code}. */
class PluginTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PLUGIN = ROOT.resolve("agent-plugins/claude-code");
  private static final String SHIM = "${CLAUDE_PLUGIN_ROOT}/bin/turnpike-hook";

  @TempDir Path temp;

  @Test
  void pluginAndSettingsRegisterTheSameHooks() throws Exception {
    JsonNode hooks = read(PLUGIN.resolve("hooks/hooks.json")).path("hooks");
    assertEquals(HookTable.ALL.size(), hooks.size());
    for (HookTable.Hook hook : HookTable.ALL) {
      assertEquals(
          HookTable.group(hook, SHIM), hooks.path(hook.event()).path(0), "hooks." + hook.event());
      assertEquals(1, hooks.path(hook.event()).size());
    }
  }

  @Test
  void theManifestNamesUsAndOurVersion() throws Exception {
    JsonNode manifest = read(PLUGIN.resolve(".claude-plugin/plugin.json"));
    assertEquals("turnpike", manifest.path("name").asText());
    assertEquals(Version.current(), manifest.path("version").asText());
  }

  @Test
  void everyOptionIsASettingAndSecretsAreMarked() throws Exception {
    JsonNode options = read(PLUGIN.resolve(".claude-plugin/plugin.json")).path("userConfig");
    assertFalse(options.isEmpty());
    for (Map.Entry<String, JsonNode> option : options.properties()) {
      Setting setting = Setting.named("CLAUDE_PLUGIN_OPTION_" + option.getKey()).orElseThrow();
      assertEquals(
          setting.secret(), option.getValue().path("sensitive").asBoolean(), option.getKey());
      assertFalse(option.getValue().path("title").asText().isEmpty());
      assertFalse(option.getValue().path("description").asText().isEmpty());
    }
  }

  @Test
  void bothMarketplacesLeadToThePlugin() throws Exception {
    for (Path folder : new Path[] {ROOT, ROOT.resolve("agent-plugins")}) {
      JsonNode marketplace = read(folder.resolve(".claude-plugin/marketplace.json"));
      assertEquals("turnpike", marketplace.path("name").asText());
      assertFalse(marketplace.at("/owner/name").asText().isEmpty());
      assertEquals("turnpike", marketplace.at("/plugins/0/name").asText());
      Path source = folder.resolve(marketplace.at("/plugins/0/source").asText()).normalize();
      assertEquals(PLUGIN, source);
    }
  }

  @Test
  void theScriptHandsOverToTheInstalledClient() throws Exception {
    for (String place : new String[] {"a/app", "b/turnpike", "c/.local/share/turnpike"}) {
      Path client = temp.resolve(place).resolve("bin/turnpike-hook");
      Files.createDirectories(client.getParent());
      Files.writeString(client, "#!/bin/sh\necho \"$0 $*\"\n/bin/cat\n");
      Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Map<String, String> all =
        Map.of(
            "TURNPIKE_HOME", temp.resolve("a").toString(),
            "XDG_DATA_HOME", temp.resolve("b").toString(),
            "HOME", temp.resolve("c").toString());
    assertEquals(temp.resolve("a/app/bin/turnpike-hook") + " claude-code\nbody", run(all));
    assertEquals(
        temp.resolve("c/.local/share/turnpike/bin/turnpike-hook") + " claude-code\nbody",
        run(Map.of("HOME", temp.resolve("c").toString())));
  }

  @Test
  void withoutAnInstalledClientTheScriptIsSilent() throws Exception {
    assertEquals("", run(Map.of("HOME", temp.toString())));
    assertEquals("", run(Map.of()));
  }

  private String run(Map<String, String> environment) throws Exception {
    Path in = temp.resolve("in");
    Files.writeString(in, "body");
    Path out = temp.resolve("out");
    var builder =
        new ProcessBuilder(PLUGIN.resolve("bin/turnpike-hook").toString(), "claude-code")
            .redirectInput(in.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  private static JsonNode read(Path file) throws IOException {
    return new ObjectMapper().readTree(Files.readString(file));
  }
}
