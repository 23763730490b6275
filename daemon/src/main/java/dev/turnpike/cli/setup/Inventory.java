package dev.turnpike.cli.setup;

import dev.turnpike.platform.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    return List.copyOf(new ArrayList<>(created).reversed());
  }

  void add(Path path) throws IOException {
    if (created.add(path)) {
      PrivateFiles.createDirectory(Trees.above(file));
      var text = new StringBuilder();
      created.forEach(one -> text.append(one).append('\n'));
      PrivateFiles.writeAtomically(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Creates what is missing of {@code directory}, and remembers it. */
  void directories(Path directory) throws IOException {
    Path above = directory.getParent();
    if (!Files.isDirectory(directory)) {
      if (above != null) {
        directories(above);
      }
      Files.createDirectory(directory);
      add(directory);
    }
  }
}
