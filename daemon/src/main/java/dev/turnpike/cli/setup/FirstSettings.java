package dev.turnpike.cli.setup;

import dev.turnpike.platform.Paths;
import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The settings file a user starts with: all of it comments, so that nothing changes by it. */
final class FirstSettings {
  private static final String TEXT =
      """
      # Settings of Turnpike, one NAME=value a line. A change counts at once. All of them: turnpike config --help
      # What holds, and why: turnpike config explain NAME

      # Where traces go. Without keys they stay on this machine: turnpike traces, turnpike show.
      #LANGFUSE_PUBLIC_KEY=pk-lf-...
      #LANGFUSE_SECRET_KEY=sk-lf-...
      #LANGFUSE_BASE_URL=https://cloud.langfuse.com

      # Who you are in the traces. Without it: the e-mail of the repository's git configuration.
      #LANGFUSE_USER_ID=you@example.com

      # What leaves this machine. Secrets are masked in any case.
      #TURNPIKE_CAPTURE_PROMPTS=true
      #TURNPIKE_CAPTURE_TOOL_OUTPUT=true

      # Other settings for one project and all below it.
      #[project ~/projects/confidential]
      #TRACE_TO_LANGFUSE=false
      """;

  private FirstSettings() {}

  /**
   * @param own all is below {@code TURNPIKE_HOME}: no other tool's file counts
   */
  static Step step(Paths paths, boolean own, Inventory inventory) throws IOException {
    Path file = paths.config();
    String text = "create the settings file " + file;
    if (Files.exists(file)) {
      return Step.already("keep the settings file " + file);
    }
    Path folder = Trees.above(file);
    Path former = folder.resolveSibling("code-trace").resolve("config");
    if (!own && Files.isRegularFile(former)) {
      // ours, though empty, would go before it
      return Step.already("use the settings of code-trace, " + former);
    }
    return Step.of(text, true, () -> write(file, folder, inventory));
  }

  private static void write(Path file, Path folder, Inventory inventory) throws IOException {
    if (!Files.isDirectory(folder)) {
      inventory.directories(Trees.above(folder));
      PrivateFiles.createDirectory(folder);
      inventory.add(folder);
    }
    PrivateFiles.writeAtomically(file, TEXT.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the file is still the one we made. */
  static boolean untouched(Path file) throws IOException {
    return Files.isRegularFile(file) && Files.readString(file).equals(TEXT);
  }
}
