package dev.turnpike.agent.gemini;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Sub-agents that no row speaks of. The CLI writes the calls of a batch when all of them have ended
 * (0.61.0): of one that was killed at its work only the file in the session's folder is left, and
 * neither the call nor the agent's name.
 */
final class Adrift {
  private static final String ENDING = ".jsonl";

  /** What a file system's clock may be behind the agent's. */
  private static final Duration TOLERANCE = Duration.ofSeconds(5);

  private final Set<String> ids = new LinkedHashSet<>();

  Set<String> ids() {
    return ids;
  }

  /** Looks for files that were written since the oldest turn whose answer is not there. */
  void look(Path folder, List<OpenTurn> unanswered) {
    ids.clear();
    if (unanswered.isEmpty() || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Instant since = unanswered.getFirst().start().minus(TOLERANCE);
    var found = new TreeSet<String>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "*" + ENDING)) {
      for (Path file : all) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            && Files.getLastModifiedTime(file).toInstant().isAfter(since)) {
          String name = String.valueOf(file.getFileName());
          found.add(name.substring(0, name.length() - ENDING.length()));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return; // gone or closed to us: there is nothing to be found then
    }
    ids.addAll(found);
  }
}
