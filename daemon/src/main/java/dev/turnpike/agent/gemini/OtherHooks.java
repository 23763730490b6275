package dev.turnpike.agent.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.turnpike.agent.JsonDocument;
import dev.turnpike.agent.JsonDocument.Malformed;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether anybody but us is asked when the model has answered: only then may an answer be refused,
 * and only then is it worth waiting for what follows it. Looks where Gemini CLI 0.61.0 looks for
 * hooks: the settings of the user, the project and the administrator, and the user's extensions.
 */
@FunctionalInterface
interface OtherHooks {
  /**
   * @param transcript a session's file: it lies in the folder that holds the user's settings
   * @param cwd the project's folder
   */
  boolean mayRefuse(Path transcript, @Nullable String cwd);

  /**
   * @param administrators their settings
   */
  static OtherHooks ofFiles(Path administrators) {
    return (transcript, cwd) ->
        files(administrators, transcript, cwd).stream().anyMatch(OtherHooks::others);
  }

  private static List<Path> files(Path administrators, Path transcript, @Nullable String cwd) {
    var files = new ArrayList<Path>();
    files.add(administrators);
    // ~/.gemini/tmp/shop/chats/session-….jsonl
    Path folder = transcript;
    while (folder != null && !folder.endsWith(".gemini")) {
      folder = folder.getParent();
    }
    if (folder != null) {
      files.add(folder.resolve("settings.json"));
      try (DirectoryStream<Path> all = Files.newDirectoryStream(folder.resolve("extensions"))) {
        all.forEach(extension -> files.add(extension.resolve("hooks/hooks.json")));
      } catch (IOException | DirectoryIteratorException e) {
        // none, or closed to us
      }
    }
    if (cwd != null) {
      try {
        files.add(Path.of(cwd).resolve(".gemini/settings.json"));
      } catch (InvalidPathException e) {
        // no folder then
      }
    }
    return files;
  }

  private static boolean others(Path file) {
    final long limitBytes = 1024 * 1024;
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > limitBytes) {
        return false;
      }
      return JsonDocument.parseCommented(Files.readString(file))
          .at("/hooks/AfterAgent")
          .map(OtherHooks::others)
          .orElse(false);
    } catch (IOException | Malformed e) {
      return false; // the CLI cannot read it either
    }
  }

  private static boolean others(JsonNode groups) {
    return groups
        .valueStream()
        .flatMap(group -> group.path("hooks").valueStream())
        .anyMatch(handler -> !HookEntries.ENTRIES.ours(handler));
  }
}
