package dev.turnpike.platform;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where git keeps what belongs to one working tree.
 *
 * <pre>
 *   plain repository     top/.git/HEAD, refs/, packed-refs, config
 *   linked worktree      top/.git is a file "gitdir: /main/.git/worktrees/w"; there: HEAD, commondir ("../..")
 *   submodule            top/.git is a file "gitdir: ../.git/modules/m"; there: all of it
 * </pre>
 *
 * @param own holds HEAD
 * @param common holds config and refs; the same but for linked worktrees
 */
record GitFolder(Path top, Path own, Path common) {
  private static final int LIMIT_DEPTH = 100;
  private static final int LIMIT_SMALL_BYTES = 64 * 1024;
  private static final long LIMIT_PACKED_REFS_BYTES = 64L * 1024 * 1024;
  private static final String GITDIR = "gitdir:";

  static Optional<GitFolder> around(Path directory) {
    Path at = real(directory);
    for (int depth = 0; at != null && depth < LIMIT_DEPTH; depth++) {
      Path git = at.resolve(".git");
      Optional<Path> own = Files.isDirectory(git) ? Optional.of(git) : pointedTo(git);
      if (own.isPresent() && Files.isRegularFile(own.get().resolve("HEAD"))) {
        return Optional.of(new GitFolder(at, own.get(), common(own.get())));
      }
      at = at.getParent();
    }
    return Optional.empty();
  }

  Optional<String> read(String name) {
    return readSmall(own.resolve(name), LIMIT_SMALL_BYTES);
  }

  /** The top folder's name; for a linked worktree that of the repository it was made from. */
  Optional<String> folderName() {
    boolean linked = !own.equals(common) && common.endsWith(".git");
    Path folder = linked ? common.getParent() : top;
    return Optional.ofNullable(folder).map(Path::getFileName).map(Path::toString);
  }

  /** The commit a ref stands for: its own file, or a line of packed-refs. */
  Optional<String> resolve(String ref) {
    if (ref.contains("..") || ref.startsWith("/")) {
      return Optional.empty();
    }
    return readSmall(own.resolve(ref), LIMIT_SMALL_BYTES)
        .or(() -> readSmall(common.resolve(ref), LIMIT_SMALL_BYTES))
        .map(String::strip)
        .or(() -> packed(ref));
  }

  private Optional<String> packed(String ref) {
    Path file = common.resolve("packed-refs");
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > LIMIT_PACKED_REFS_BYTES) {
        return Optional.empty();
      }
      try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
        String wanted =
            " " + new String(ref.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.endsWith(wanted)) {
            return Optional.of(line.substring(0, line.length() - wanted.length()));
          }
        }
      }
      return Optional.empty();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  private static Optional<Path> pointedTo(Path gitFile) {
    return readSmall(gitFile, LIMIT_SMALL_BYTES)
        .filter(text -> text.startsWith(GITDIR))
        .flatMap(text -> below(gitFile.resolveSibling(""), text.substring(GITDIR.length())));
  }

  private static Path common(Path own) {
    return readSmall(own.resolve("commondir"), LIMIT_SMALL_BYTES)
        .flatMap(text -> below(own, text))
        .filter(Files::isDirectory)
        .orElse(own);
  }

  private static Optional<Path> below(Path folder, String path) {
    try {
      return Optional.of(folder.resolve(path.strip()).normalize());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Path real(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException gone) {
      // the directory may have been removed since the agent named it; its parents may still say
      // where it was
      return directory.toAbsolutePath().normalize();
    }
  }

  /** Reads a small regular file; whatever else it is, it is absent. */
  static Optional<String> readSmall(Path file, int limitBytes) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > limitBytes) {
        return Optional.empty();
      }
      return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException unreadable) {
      // facts are decoration: a trace without a branch is better than none
      return Optional.empty();
    }
  }
}
