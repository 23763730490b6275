package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.HookSettings;
import dev.turnpike.agent.HookSettings.Found;
import dev.turnpike.agent.Installer;
import dev.turnpike.agent.SettingsText;
import dev.turnpike.platform.Os;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
    this(
        switch (Os.current()) {
          case LINUX -> Path.of("/etc/gemini-cli/settings.json");
          case MACOS -> Path.of("/Library/Application Support/GeminiCli/settings.json");
        });
  }

  /**
   * @param system settings of the machine's administrator, which are only read
   */
  GeminiInstaller(Path system) {
    this.system = system;
  }

  @Override
  public Detection detect(Machine machine) {
    Path folder = folder(machine);
    Optional<String> evidence =
        Files.isDirectory(folder)
            ? Optional.of(folder.toString())
            : onPath(machine.environment()).map(Path::toString);
    return new Detection(evidence.isPresent(), settings(machine), evidence);
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings {
    SettingsText text = SettingsText.read(settings(machine));
    HookSettings before = HookSettings.of(text, HookEntries.ENTRIES);
    if (extension(machine)) {
      return change(
          text,
          before,
          before.unregistered(),
          "take Turnpike's own hooks out of Gemini CLI's settings: the extension has them");
    }
    return change(
        text,
        before,
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
    return change(
        text, before, before.unregistered(), "take Turnpike's hooks out of Gemini CLI's settings");
  }

  private static List<FileChange> change(
      SettingsText text, HookSettings before, HookSettings after, String description)
      throws UnreadableSettings {
    String changed = after.document().text();
    if (changed.equals(before.document().text())) {
      return List.of();
    }
    text.requireWritable();
    return List.of(new FileChange(text.file(), Optional.of(changed), description));
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
        problems.addAll(problems(ours, hookProgram.toString()));
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

  private static List<String> problems(List<Found> ours, String program) {
    var missing = new ArrayList<String>();
    var odd = new ArrayList<String>();
    for (String event : HookEntries.EVENTS) {
      List<Found> there = ours.stream().filter(found -> found.event().equals(event)).toList();
      if (there.isEmpty()) {
        missing.add(event);
      } else if (there.size() > 1) {
        odd.add("the hook for %s is registered %d times".formatted(event, there.size()));
      } else if (there.getFirst().limited()
          || !HookEntries.ENTRIES.serves(there.getFirst().handler(), event, program)) {
        odd.add("the hook for %s is not as it should be".formatted(event));
      }
    }
    for (Found found : ours) {
      if (!HookEntries.EVENTS.contains(found.event())) {
        odd.add("a hook for %s costs time and tells nothing".formatted(found.event()));
      }
    }
    var problems = new ArrayList<String>();
    if (!missing.isEmpty()) {
      problems.add("no hook for " + String.join(", ", missing));
    }
    problems.addAll(odd);
    return problems;
  }

  private static boolean extension(Machine machine) {
    return Files.isRegularFile(folder(machine).resolve(EXTENSION));
  }

  private static Path settings(Machine machine) {
    return folder(machine).resolve("settings.json");
  }

  private static Path folder(Machine machine) {
    String said = machine.environment().getOrDefault("GEMINI_CLI_HOME", "");
    Path home = said.isBlank() ? machine.home() : machine.home().resolve(said).normalize();
    return home.resolve(".gemini");
  }

  private static Optional<Path> onPath(Map<String, String> environment) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, "gemini"))
        .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
        .findFirst();
  }
}
