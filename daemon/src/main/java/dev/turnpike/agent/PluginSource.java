package dev.turnpike.agent;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.turnpike.agent.Installer.UnreadableSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A plugin's source in the image, with a line {@code const NAME = "…";} into which the program that
 * starts a daemon is written, so that the plugin needs no search for it.
 *
 * @param image the image that runs, since the one to be installed may not be in its place yet;
 *     without it, the one that holds the hook program
 * @param file below {@code share/agent-plugins}
 * @param constant the name in that line
 */
public record PluginSource(Optional<Path> image, String file, String constant) {

  /**
   * The source, naming the program beside {@code hookProgram}.
   *
   * @throws UnreadableSettings if the image lacks it
   */
  public String naming(Path hookProgram) throws UnreadableSettings {
    Path from =
        image
            .orElse(hookProgram.resolveSibling(".."))
            .resolve("share/agent-plugins")
            .resolve(file)
            .normalize();
    String text =
        SettingsText.read(from)
            .text()
            .orElseThrow(
                () ->
                    new UnreadableSettings(
                        from + " is missing; install Turnpike anew. Nothing was changed."));
    String program = hookProgram.resolveSibling("turnpike").toString();
    String line =
        "const %s = \"%s\";"
            .formatted(
                constant, new String(JsonStringEncoder.getInstance().quoteAsString(program)));
    return Pattern.compile("(?m)^const " + Pattern.quote(constant) + " = \"[^\"\\n]*\";")
        .matcher(text)
        .replaceFirst(Matcher.quoteReplacement(line));
  }
}
