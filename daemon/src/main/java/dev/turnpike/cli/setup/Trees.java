package dev.turnpike.cli.setup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whole directories: copied, compared, removed. Symbolic links are never followed downwards. */
public final class Trees {
  private Trees() {}

  /** Copies with permissions; what is written is on the disk when it returns. */
  static void copy(Path from, Path to, Set<String> without) throws IOException {
    Files.createDirectory(
        to, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    for (Path relative : files(from, without)) {
      Path source = from.resolve(relative);
      Path target = to.resolve(relative);
      Files.createDirectories(above(target));
      Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
      if (!Files.isSymbolicLink(target)) {
        try (var channel = FileChannel.open(target, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
    }
  }

  /** Whether both hold the same files with the same content. */
  static boolean same(Path one, Path other, Set<String> without) throws IOException {
    List<Path> files = files(one, without);
    if (!files.equals(files(other, without))) {
      return false;
    }
    for (Path file : files) {
      if (Files.mismatch(one.resolve(file), other.resolve(file)) >= 0) {
        return false;
      }
    }
    return true;
  }

  /** Relative paths of all files, sorted. */
  private static List<Path> files(Path root, Set<String> without) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
          .map(root::relativize)
          .filter(path -> !without.contains(path.getName(0).toString()))
          .sorted()
          .toList();
    }
  }

  /** Removes a file, a link, or a directory with all that is in it; nothing if it is not there. */
  public static void remove(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The directory {@code path} stands in. */
  public static Path above(Path path) throws IOException {
    Path above = path.toAbsolutePath().getParent();
    if (above == null) {
      throw new IOException(path + " stands in no directory");
    }
    return above;
  }

  static boolean emptyDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  /** The entries of a directory whose name begins so, sorted; none if it is not there. */
  static List<Path> named(Path directory, String prefix) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return new ArrayList<>(
          entries
              .filter(entry -> entry.getFileName().toString().startsWith(prefix))
              .sorted()
              .toList());
    }
  }

  /** Makes {@code link} lead to {@code target}, at once: nobody finds it missing. */
  static void link(Path link, Path target) throws IOException {
    Path unfinished = link.resolveSibling("." + link.getFileName() + ".new");
    Files.deleteIfExists(unfinished);
    Files.createSymbolicLink(unfinished, target);
    Files.move(unfinished, link, StandardCopyOption.ATOMIC_MOVE);
  }
}
