package dev.turnpike.agent.pi;

import dev.turnpike.agent.Installer;
import dev.turnpike.agent.PluginSource;
import dev.turnpike.agent.SettingsText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts our extension where Pi finds it by itself: {@code extensions/turnpike.ts} below {@code
 * ~/.pi/agent}, or below {@code PI_CODING_AGENT_DIR}. The file comes from the image, beside the
 * programs; the program that starts a daemon is written into it. No setting of the user's is
 * touched.
 */
public final class PiInstaller implements Installer {
  private static final String NAME = "turnpike.ts";

  /** The first line of every version of our extension. */
  private static final String MARK = "// Turnpike's extension for the Pi coding agent";

  private final PluginSource source;

  /**
   * @param image the image that runs, since the one to be installed may not be in its place yet;
   *     without it, the one that holds the hook program
   */
  public PiInstaller(Optional<Path> image) {
    source = new PluginSource(image, "pi/" + NAME, "TURNPIKE");
  }

  @Override
  public Detection detect(Machine machine) {
    return Detection.of(machine, folder(machine), "pi", extension(machine));
  }

  @Override
  public List<FileChange> register(Machine machine, Path hookProgram) throws UnreadableSettings {
    SettingsText text = SettingsText.read(extension(machine));
    String wanted = source.naming(hookProgram);
    if (text.text().equals(Optional.of(wanted))) {
      return List.of();
    }
    if (text.text().isPresent() && !ours(text)) {
      throw new UnreadableSettings(
          "%s is an extension of somebody else's; move it away and try again. Nothing was changed."
              .formatted(text.file()));
    }
    text.requireWritable();
    return List.of(
        new FileChange(text.file(), Optional.of(wanted), "place Turnpike's extension for Pi"));
  }

  @Override
  public List<FileChange> unregister(Machine machine) throws UnreadableSettings {
    SettingsText text = SettingsText.read(extension(machine));
    if (!ours(text)) {
      return List.of();
    }
    text.requireWritable();
    return List.of(
        new FileChange(text.file(), Optional.empty(), "take Turnpike's extension away from Pi"));
  }

  @Override
  public Registration check(Machine machine, Path hookProgram) {
    try {
      SettingsText text = SettingsText.read(extension(machine));
      if (!ours(text)) {
        return new Registration.Absent();
      }
      var problems = new ArrayList<String>();
      if (!text.text().equals(Optional.of(source.naming(hookProgram)))) {
        problems.add("%s is not that of this version of Turnpike".formatted(text.file()));
      }
      Path second = folder(machine).resolve("extensions/turnpike/index.ts");
      if (Files.exists(second)) {
        problems.add("a second extension of that name would tell everything twice: " + second);
      }
      return problems.isEmpty() ? new Registration.Complete() : new Registration.Partial(problems);
    } catch (UnreadableSettings e) {
      return new Registration.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static boolean ours(SettingsText text) {
    return text.text().map(content -> content.startsWith(MARK)).orElse(false);
  }

  private static Path extension(Machine machine) {
    return folder(machine).resolve("extensions").resolve(NAME);
  }

  private static Path folder(Machine machine) {
    String said = machine.environment().getOrDefault("PI_CODING_AGENT_DIR", "");
    if (said.startsWith("~/")) {
      said = machine.home().resolve(said.substring(2)).toString();
    }
    return said.isBlank()
        ? machine.home().resolve(".pi/agent")
        : machine.home().resolve(said).normalize();
  }
}
