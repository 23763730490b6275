package dev.turnpike.agent.opencode;

import dev.turnpike.agent.Installer;
import dev.turnpike.agent.PluginSource;
import dev.turnpike.agent.SettingsText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts the plugin into OpenCode's folder of plugins, {@code ~/.config/opencode/plugins/}: a file of
 * ours beside the user's, whose settings stay untouched.
 *
 * <p>Where there is no package installed beside the plugins, a lock file goes there as well. With
 * any plugin, OpenCode 1.18.33 waits at its start until it has installed a package from the
 * registry into that folder, for minutes without a network; the lock file tells it that there is
 * nothing to install.
 */
public final class OpenCodeInstaller implements Installer {
  private static final String PLUGIN = "turnpike.js";
  private static final String MARK = "// Turnpike's plugin for OpenCode";
  private static final String LOCK =
      """
      {"name":"opencode","lockfileVersion":3,"packages":{"":{"dependencies":{"@opencode-ai/plugin":"*"}}}}
      """;
  private static final String KEEP = "Made by turnpike install, with ../package-lock.json.\n";

  private final PluginSource source;

  /**
   * @param image the image that runs, since the one to be installed may not be in its place yet;
   *     without it, the one that holds the hook program
   */
  public OpenCodeInstaller(Optional<Path> image) {
    source = new PluginSource(image, "opencode/" + PLUGIN, "PROGRAM");
  }

  @Override
  public Detection detect(Machine machine) {
    Detection found = Detection.of(machine, folder(machine), "opencode", plugin(machine));
    return found.present() || !Files.isExecutable(own(machine))
        ? found
        : new Detection(true, plugin(machine), Optional.of(own(machine).toString()));
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings {
    var changes = new ArrayList<FileChange>();
    SettingsText present = SettingsText.read(plugin(machine));
    String wanted = source.naming(hookProgram);
    if (present.text().isPresent() && !ours(present.text().get())) {
      throw new UnreadableSettings(
          present.file()
              + " is a plugin of somebody else's; move it away and try again. Nothing was"
              + " changed.");
    }
    if (!present.text().equals(Optional.of(wanted))) {
      present.requireWritable();
      changes.add(
          new FileChange(
              present.file(), Optional.of(wanted), "put Turnpike's plugin among OpenCode's"));
    }
    Path folder = folder(machine);
    if (Stream.of("node_modules", "package.json", "package-lock.json", "bun.lock")
        .noneMatch(name -> Files.exists(folder.resolve(name)))) {
      String description = "keep OpenCode from waiting for the package registry at its start";
      changes.add(new FileChange(keep(machine), Optional.of(KEEP), description));
      changes.add(new FileChange(lock(machine), Optional.of(LOCK), description));
    }
    return changes;
  }

  @Override
  public List<FileChange> unregister(Machine machine) throws UnreadableSettings {
    var changes = new ArrayList<FileChange>();
    SettingsText present = SettingsText.read(plugin(machine));
    if (present.text().map(OpenCodeInstaller::ours).orElse(false)) {
      changes.add(remove(present.file(), "take Turnpike's plugin out of OpenCode's"));
    }
    // as we wrote them: with anything else in them they are OpenCode's or the user's by now
    for (var made : Map.of(lock(machine), LOCK, keep(machine), KEEP).entrySet()) {
      if (SettingsText.read(made.getKey()).text().equals(Optional.of(made.getValue()))) {
        changes.add(remove(made.getKey(), "remove what was made for Turnpike's plugin"));
      }
    }
    return changes;
  }

  private static FileChange remove(Path file, String description) {
    return new FileChange(file, Optional.empty(), description);
  }

  @Override
  public Registration check(Machine machine, Path hookProgram) {
    try {
      Optional<String> text = SettingsText.read(plugin(machine)).text();
      if (text.isEmpty() || !ours(text.get())) {
        return new Registration.Absent();
      }
      var problems = new ArrayList<String>();
      if (!text.get().equals(source.naming(hookProgram))) {
        problems.add("%s is not the plugin of this version".formatted(plugin(machine)));
      }
      if (!Files.exists(folder(machine).resolve("node_modules"))) {
        problems.add(
            "%s is missing, so OpenCode waits for the package registry at its start"
                .formatted(folder(machine).resolve("node_modules")));
      }
      String pure = machine.environment().getOrDefault("OPENCODE_PURE", "");
      if (pure.equals("1") || pure.equalsIgnoreCase("true")) {
        problems.add("OPENCODE_PURE is set, so OpenCode loads no plugin");
      }
      return problems.isEmpty() ? new Registration.Complete() : new Registration.Partial(problems);
    } catch (UnreadableSettings e) {
      return new Registration.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static boolean ours(String text) {
    return text.startsWith(MARK);
  }

  private static Path plugin(Machine machine) {
    return folder(machine).resolve("plugins").resolve(PLUGIN);
  }

  private static Path lock(Machine machine) {
    return folder(machine).resolve("package-lock.json");
  }

  /** A file, since an empty folder cannot be asked for. */
  private static Path keep(Machine machine) {
    return folder(machine).resolve("node_modules/.turnpike");
  }

  private static Path folder(Machine machine) {
    String said = machine.environment().getOrDefault("XDG_CONFIG_HOME", "");
    Path config = said.startsWith("/") ? Path.of(said) : machine.home().resolve(".config");
    return config.resolve("opencode");
  }

  /** The CLI's own installer puts it where no PATH may lead yet. */
  private static Path own(Machine machine) {
    return machine.home().resolve(".opencode/bin/opencode");
  }
}
