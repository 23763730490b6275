package dev.turnpike.agent.claudecode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.HookSettings;
import dev.turnpike.agent.HookSettings.Found;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.SettingsText;
import dev.turnpike.agent.claudecode.HookTable.Hook;
import dev.turnpike.platform.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Registers our hooks in the user's settings of Claude Code, {@code ~/.claude/settings.json}, or in
 * {@code CLAUDE_CONFIG_DIR}. If our plugin for Claude Code is enabled there, the hooks are the
 * plugin's alone: both would report everything twice.
 *
 * <p>{@code TURNPIKE_TOOL_HOOKS=false} leaves out the hooks around tool calls.
 */
public final class ClaudeCodeInstaller implements Installer {
  private static final String PLUGIN = "turnpike";
  private static final String TOOL_HOOKS = "TURNPIKE_TOOL_HOOKS";

  private final Path managed;

  public ClaudeCodeInstaller() {
    this(
        switch (Os.current()) {
          case LINUX -> Path.of("/etc/claude-code/managed-settings.json");
          case MACOS -> Path.of("/Library/Application Support/ClaudeCode/managed-settings.json");
        });
  }

  /**
   * @param managed settings of the machine's administrator, which are only read
   */
  ClaudeCodeInstaller(Path managed) {
    this.managed = managed;
  }

  @Override
  public Detection detect(Machine machine) {
    return Detection.of(machine, folder(machine), "claude", settings(machine));
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings {
    SettingsText text = SettingsText.read(settings(machine));
    HookSettings before = settings(text);
    List<String> plugins = enabledPlugins(before);
    if (!plugins.isEmpty()) {
      return before.change(
          text,
          before.unregistered(),
          "take Turnpike's own hooks out of Claude Code's settings: the plugin %s has them"
              .formatted(plugins.getFirst()));
    }
    return before.change(
        text,
        before.registered(wanted(machine), hookProgram.toString()),
        "register Turnpike's hooks with Claude Code");
  }

  @Override
  public List<FileChange> unregister(Machine machine) throws UnreadableSettings {
    SettingsText text = SettingsText.read(settings(machine));
    if (!text.mentions("turnpike-hook")) {
      return List.of();
    }
    HookSettings before = settings(text);
    return before.change(
        text, before.unregistered(), "take Turnpike's hooks out of Claude Code's settings");
  }

  @Override
  public Registration check(Machine machine, Path hookProgram) {
    try {
      HookSettings settings = settings(SettingsText.read(settings(machine)));
      List<Found> ours = settings.ours();
      List<String> plugins = enabledPlugins(settings);
      if (ours.isEmpty() && plugins.isEmpty()) {
        return new Registration.Absent();
      }
      var problems = new ArrayList<>(obstacles(settings));
      if (plugins.isEmpty()) {
        problems.addAll(settings.problems(wanted(machine), hookProgram.toString()));
      } else if (!ours.isEmpty()) {
        problems.add(
            "hooks are registered twice: by the plugin %s and in %s"
                .formatted(plugins.getFirst(), settings(machine)));
      }
      return problems.isEmpty() ? new Registration.Complete() : new Registration.Partial(problems);
    } catch (UnreadableSettings e) {
      return new Registration.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  /** What keeps Claude Code from running hooks that are registered. */
  private List<String> obstacles(HookSettings settings) {
    var found = new ArrayList<String>();
    if (settings.at("/disableAllHooks").asBoolean()) {
      found.add("Claude Code's settings say disableAllHooks, so no hook runs");
    }
    if (Files.isReadable(managed)) {
      try {
        HookSettings administrators = settings(SettingsText.read(managed));
        if (administrators.at("/disableAllHooks").asBoolean()
            || administrators.at("/allowManagedHooksOnly").asBoolean()) {
          found.add("the administrator's settings (%s) forbid hooks of users".formatted(managed));
        }
      } catch (UnreadableSettings e) {
        found.add("the administrator's settings cannot be judged: " + e.getMessage());
      }
    }
    return found;
  }

  private static List<String> wanted(Machine machine) {
    String said = machine.environment().getOrDefault(TOOL_HOOKS, "true");
    return HookTable.wanted(!said.strip().equalsIgnoreCase("false") && !said.strip().equals("0"))
        .stream()
        .map(Hook::event)
        .toList();
  }

  private static HookSettings settings(SettingsText text) throws UnreadableSettings {
    return HookSettings.of(text, HookTable.ENTRIES);
  }

  /** The plugins of our name that are switched on, as {@code name@marketplace}. */
  private static List<String> enabledPlugins(HookSettings settings) {
    return settings.at("/enabledPlugins").properties().stream()
        .filter(plugin -> plugin.getKey().startsWith(PLUGIN + "@"))
        .filter(plugin -> !plugin.getValue().isNull() && !isFalse(plugin.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean isFalse(JsonNode value) {
    return value.isBoolean() && !value.asBoolean();
  }

  private static Path settings(Machine machine) {
    return folder(machine).resolve("settings.json");
  }

  private static Path folder(Machine machine) {
    return machine.folder("CLAUDE_CONFIG_DIR", ".claude");
  }
}
