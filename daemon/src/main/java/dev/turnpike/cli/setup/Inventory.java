package dev.turnpike.cli.setup;

import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The files and directories that were not there before {@code install} made them, one absolute path
 * a line, so that {@code uninstall} knows which it may remove when they are empty. Losing it costs
 * an empty file left behind.
 */
final class Inventory {
  private final Path file;
  private final Set<Path> created = new LinkedHashSet<>();

  private Inventory(Path file) {
    this.file = file;
  }

  static Inventory read(Path file) throws IOException {
    var inventory = new Inventory(file);
    if (Files.isRegularFile(file)) {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("/")) {
          inventory.created.add(Path.of(line));
        }
      }
    }
    return inventory;
  }

  boolean holds(Path path) {
    return created.contains(path);
  }

  /** The innermost first: the order in which to remove them. */
  List<Path> created() {
    return created.stream().sorted(Comparator.comparingInt(Path::getNameCount).reversed()).toList();
  }

  void add(Path path) throws IOException {
    if (!created.contains(path)) {
      created.addAll(missingAbove(Trees.above(file)));
      created.add(path);
      PrivateFiles.createDirectory(Trees.above(file));
      var text = new StringBuilder();
      created.forEach(one -> text.append(one).append('\n'));
      PrivateFiles.writeAtomically(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** What will come into being with the directory of this very file, the outermost first. */
  private static List<Path> missingAbove(Path directory) {
    var missing = new ArrayList<Path>();
    for (Path at = directory.getParent();
        at != null && !Files.isDirectory(at);
        at = at.getParent()) {
      missing.addFirst(at);
    }
    return missing;
  }

  /** Creates what is missing of {@code directory}, and remembers it. */
  void directories(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      directories(Trees.above(directory));
    }
    // remembering the one above may just have made it: the inventory itself lies somewhere
    if (!Files.isDirectory(directory)) {
      PrivateFiles.createDirectory(directory);
      add(directory);
    }
  }
}
