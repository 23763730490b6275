package dev.turnpike.cli;

import dev.turnpike.config.Config;
import dev.turnpike.config.Explained.Candidate;
import dev.turnpike.config.Setting;
import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code turnpike config set} and {@code unset}: one line of the settings file. The daemon sees a
 * change by itself.
 */
final class EditCommand implements Command {
  private final CommandSpec spec;
  private final Context context;
  private final boolean sets;

  EditCommand(Context context, boolean sets) {
    this.context = context;
    this.sets = sets;
    this.spec =
        Specs.command(
                this,
                sets ? "set" : "unset",
                sets
                    ? "Write a setting into the settings file. The rest of the file stays as it is."
                    : "Remove a setting from the settings file.",
                sets
                    ? "turnpike config set LANGFUSE_BASE_URL https://langfuse.example.com"
                    : "turnpike config unset LANGFUSE_BASE_URL")
            .addPositional(Specs.argument(0, "KEY", "Name of the setting."));
    if (sets) {
      spec.addPositional(Specs.argument(1, "VALUE", "Its value."));
    }
    spec.addOption(
        Specs.value("--project", "DIR", "", "Only for this directory and what is below it."));
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int run(ParseResult parsed) throws IOException {
    String key = parsed.matchedPositionalValue(0, "");
    String project = parsed.matchedOptionValue("--project", "");
    var value =
        sets ? Optional.of(parsed.<String>matchedPositionalValue(1, "")) : Optional.<String>empty();
    var setting = Setting.named(key);
    var problem =
        setting.isEmpty()
            ? Optional.of("There is no setting " + key + ".")
            : problem(setting.get(), value, project);
    if (setting.isEmpty() || problem.isPresent()) {
      context.complain(problem.orElse(""));
      return Exit.FAILED;
    }
    write(setting.get(), value, project);
    return Exit.OK;
  }

  private Optional<String> problem(Setting setting, Optional<String> value, String project) {
    if (setting.reach() == Setting.Reach.PROCESS) {
      return Optional.of(setting.name() + " counts only as an environment variable.");
    }
    if (setting.reach() == Setting.Reach.MACHINE && !project.isEmpty()) {
      return Optional.of(setting.name() + " cannot differ by project.");
    }
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get().chars().anyMatch(Character::isISOControl)) {
      return Optional.of("A value is one line without control characters.");
    }
    // Config judges values; it is shown this one as if it stood in an environment.
    var judged = Config.of(context.paths(), Map.of(setting.name(), value.get()));
    return judged.explain(null, Map.of()).entrySet().stream()
        .filter(entry -> entry.getKey() == setting)
        .flatMap(entry -> entry.getValue().candidates().stream())
        .filter(candidate -> candidate.source().equals("the daemon's environment"))
        .map(Candidate::problem)
        .flatMap(Optional::stream)
        .findFirst()
        .map(why -> setting.name() + ": " + why + ".");
  }

  private void write(Setting setting, Optional<String> value, String project) throws IOException {
    var file = context.paths().config();
    var names = new HashSet<>(setting.aliases());
    names.add(setting.name());
    var section =
        project.isEmpty()
            ? Optional.<SettingsEditor.Section>empty()
            : Optional.of(
                new SettingsEditor.Section(
                    context.directory().resolve(project).normalize(), Paths.home()));
    var before = read(file);
    var after = SettingsEditor.edit(before, section, setting.name(), names, value);
    if (after.equals(before)) {
      context.say("Nothing to change in " + file + "\n");
      return;
    }
    var folder = file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      PrivateFiles.createDirectory(folder);
    }
    PrivateFiles.writeAtomically(target(file), after.getBytes(StandardCharsets.UTF_8));
    context.say("Written: " + file + "\n");
  }

  /** People keep settings files under version control and link them: the link stays a link. */
  private static Path target(Path file) throws IOException {
    return Files.exists(file) ? file.toRealPath() : file;
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
