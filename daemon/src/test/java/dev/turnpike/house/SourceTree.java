package dev.turnpike.house;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Where the project's files are, seen from a test of the module daemon. */
final class SourceTree {
  private SourceTree() {}

  /** The folder of the root pom. */
  static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("daemon/pom.xml"))) {
      here = here.getParent();
      if (here == null) {
        throw new IllegalStateException(
            "not run inside the project: " + Path.of("").toAbsolutePath());
      }
    }
    return here;
  }

  static Path mainClasses() {
    return root().resolve("daemon/target/classes");
  }

  static Path testClasses() {
    return root().resolve("daemon/target/test-classes");
  }

  /** The Java sources of every module. */
  static List<Path> java() throws IOException {
    return sources(path -> path.toString().endsWith(".java"));
  }

  /** The daemon's Java sources that are shipped. */
  static List<Path> shippedJava() throws IOException {
    Path main = root().resolve("daemon/src/main/java");
    return java().stream().filter(path -> path.startsWith(main)).toList();
  }

  /** Everything written by hand in the {@code src} folders of every module, and the plugins. */
  static List<Path> sources(Predicate<Path> wanted) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path folder : folders()) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          files
              .filter(Files::isRegularFile)
              .filter(path -> !path.toString().contains("node_modules"))
              .filter(wanted)
              .sorted()
              .forEach(found::add);
        }
      }
    }
    return found;
  }

  private static List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (Path pom : poms()) {
      folders.add(pom.resolveSibling("src"));
    }
    folders.add(root().resolve("agent-plugins"));
    folders.add(root().resolve("build"));
    return folders;
  }

  /** The root pom and those of the modules. */
  static List<Path> poms() throws IOException {
    try (Stream<Path> folders = Files.list(root())) {
      return Stream.concat(Stream.of(root()), folders.filter(Files::isDirectory).sorted())
          .map(folder -> folder.resolve("pom.xml"))
          .filter(Files::exists)
          .toList();
    }
  }

  /** The path as it is written in messages and lists. */
  static String named(Path path) {
    return root().relativize(path).toString();
  }
}
