package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.HookSettings;
import dev.turnpike.agent.HookSettings.Found;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.SettingsText;
import dev.turnpike.platform.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Registers our hooks in the user's settings of Gemini CLI, {@code ~/.gemini/settings.json}, or
 * below {@code GEMINI_CLI_HOME}. If our extension is installed there, the hooks are the extension's
 * alone: both would report everything twice.
 *
 * <p>An extension is not what is installed by default, since what is left of one that was taken out
 * again (an empty folder) makes the CLI complain at every start.
 */
public final class GeminiInstaller implements Installer {
  private static final String EXTENSION = "extensions/turnpike/gemini-extension.json";
  private static final String OVERRIDE = "GEMINI_CLI_SYSTEM_SETTINGS_PATH";

  private final Path system;

  public GeminiInstaller() {
    this(administrators());
  }

  /** The settings of the machine's administrator, if the environment does not name others. */
  static Path administrators() {
    return switch (Os.current()) {
      case LINUX -> Path.of("/etc/gemini-cli/settings.json");
      case MACOS -> Path.of("/Library/Application Support/GeminiCli/settings.json");
    };
  }

  /**
   * @param system settings of the machine's administrator, which are only read
   */
  GeminiInstaller(Path system) {
    this.system = system;
  }

  @Override
  public Detection detect(Machine machine) {
    return Detection.of(machine, folder(machine), "gemini", settings(machine));
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings {
    SettingsText text = SettingsText.read(settings(machine));
    HookSettings before = HookSettings.of(text, HookEntries.ENTRIES);
    if (extension(machine)) {
      return before.change(
          text,
          before.unregistered(),
          "take Turnpike's own hooks out of Gemini CLI's settings: the extension has them");
    }
    return before.change(
        text,
        before.registered(HookEntries.EVENTS, hookProgram.toString()),
        "register Turnpike's hooks with Gemini CLI");
  }

  @Override
  public List<FileChange> unregister(Machine machine) throws UnreadableSettings {
    SettingsText text = SettingsText.read(settings(machine));
    if (!text.mentions("turnpike-hook")) {
      return List.of();
    }
    HookSettings before = HookSettings.of(text, HookEntries.ENTRIES);
    return before.change(
        text, before.unregistered(), "take Turnpike's hooks out of Gemini CLI's settings");
  }

  @Override
  public Registration check(Machine machine, Path hookProgram) {
    try {
      HookSettings settings =
          HookSettings.of(SettingsText.read(settings(machine)), HookEntries.ENTRIES);
      List<Found> ours = settings.ours();
      boolean extension = extension(machine);
      if (ours.isEmpty() && !extension) {
        return new Registration.Absent();
      }
      var problems = new ArrayList<>(obstacles(machine, settings));
      if (!extension) {
        problems.addAll(settings.problems(HookEntries.EVENTS, hookProgram.toString()));
        problems.addAll(superfluous(ours));
      } else if (!ours.isEmpty()) {
        problems.add(
            "hooks are registered twice: by the extension %s and in %s"
                .formatted(folder(machine).resolve(EXTENSION).getParent(), settings(machine)));
      }
      return problems.isEmpty() ? new Registration.Complete() : new Registration.Partial(problems);
    } catch (UnreadableSettings e) {
      return new Registration.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  /** What keeps Gemini CLI from running hooks that are registered, without a word. */
  private List<String> obstacles(Machine machine, HookSettings settings) {
    var found = new ArrayList<>(obstacles(settings, settings(machine)));
    String override = machine.environment().getOrDefault(OVERRIDE, "");
    Path administrators = override.isBlank() ? system : machine.home().resolve(override);
    if (Files.isReadable(administrators)) {
      try {
        found.addAll(
            obstacles(
                HookSettings.of(SettingsText.read(administrators), HookEntries.ENTRIES),
                administrators));
      } catch (UnreadableSettings e) {
        found.add("the administrator's settings cannot be judged: " + e.getMessage());
      }
    }
    return found;
  }

  private static List<String> obstacles(HookSettings settings, Path file) {
    var found = new ArrayList<String>();
    for (String pointer : List.of("/hooksConfig/enabled", "/hooks/enabled")) {
      JsonNode enabled = settings.at(pointer);
      if (enabled.isBoolean() && !enabled.asBoolean()) {
        found.add(
            "%s says %s: false, so no hook runs"
                .formatted(file, pointer.substring(1).replace('/', '.')));
      }
    }
    for (String pointer : List.of("/hooksConfig/disabled", "/hooks/disabled")) {
      for (JsonNode name : settings.at(pointer)) {
        if (name.asText().equals("turnpike")) {
          found.add("%s switches the hook \"turnpike\" off".formatted(file));
        }
      }
    }
    return found;
  }

  private static List<String> superfluous(List<Found> ours) {
    return ours.stream()
        .map(Found::event)
        .filter(event -> !HookEntries.EVENTS.contains(event))
        .map("a hook for %s costs time and tells nothing"::formatted)
        .toList();
  }

  private static boolean extension(Machine machine) {
    return Files.isRegularFile(folder(machine).resolve(EXTENSION));
  }

  private static Path settings(Machine machine) {
    return folder(machine).resolve("settings.json");
  }

  private static Path folder(Machine machine) {
    return machine.folder("GEMINI_CLI_HOME", "").resolve(".gemini");
  }
}
