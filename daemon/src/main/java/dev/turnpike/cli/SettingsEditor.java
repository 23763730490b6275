package dev.turnpike.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Changes one setting in the text of a settings file and nothing else: comments, order, blank lines
 * and what it does not understand stay as they are. Pure.
 */
final class SettingsEditor {
  private static final String EXPORT = "export ";

  private SettingsEditor() {}

  /** A project's part of the file. */
  record Section(Path directory, Path home) {
    String header() {
      return "[project " + directory + "]";
    }

    /** Whether {@code line} opens it, however the path is written. */
    boolean opens(String line) {
      var plain = line.strip();
      int end = plain.indexOf(']');
      if (!plain.startsWith("[project ") || end < 0) {
        return false;
      }
      var path =
          plain.substring("[project ".length(), end).strip().replaceAll("^([\"'])(.*)\\1$", "$2");
      try {
        return directory.equals(
            path.equals("~") || path.startsWith("~/")
                ? home.resolve(path.substring(Math.min(2, path.length()))).normalize()
                : Path.of(path).normalize());
      } catch (InvalidPathException e) {
        return false;
      }
    }
  }

  /**
   * @param section empty for the part above all sections
   * @param names all names the setting goes by: what stands under another one is replaced too
   * @param value empty: remove it
   */
  static String edit(
      String text,
      Optional<Section> section,
      String name,
      Set<String> names,
      Optional<String> value) {
    var lines = new ArrayList<>(text.isEmpty() ? List.of() : text.lines().toList());
    int start = section.isEmpty() ? 0 : indexOf(lines, section.get()) + 1;
    if (section.isPresent() && start == 0) {
      if (value.isEmpty()) {
        return text;
      }
      if (!lines.isEmpty() && !lines.getLast().isBlank()) {
        lines.add("");
      }
      lines.add(section.get().header());
      start = lines.size();
    }
    int end = end(lines, start);
    int at = -1;
    for (int i = end - 1; i >= start; i--) {
      if (names.contains(nameOf(lines.get(i)))) {
        lines.remove(i);
        at = i;
        end--;
      }
    }
    if (value.isPresent()) {
      lines.add(
          at >= 0 ? at : afterLastSetting(lines, start, end), name + "=" + quoted(value.get()));
    }
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  private static int indexOf(List<String> lines, Section section) {
    for (int i = 0; i < lines.size(); i++) {
      if (section.opens(lines.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static int end(List<String> lines, int start) {
    int end = start;
    while (end < lines.size() && !lines.get(end).strip().startsWith("[")) {
      end++;
    }
    return end;
  }

  /** Blank lines and comments before the next section belong to that section. */
  private static int afterLastSetting(List<String> lines, int start, int end) {
    for (int i = end - 1; i >= start; i--) {
      if (!nameOf(lines.get(i)).isEmpty()) {
        return i + 1;
      }
    }
    return end == lines.size() ? end : start;
  }

  private static String nameOf(String line) {
    var plain = line.strip();
    plain = plain.startsWith(EXPORT) ? plain.substring(EXPORT.length()).strip() : plain;
    int equals = plain.indexOf('=');
    return plain.startsWith("#") || equals <= 0 ? "" : plain.substring(0, equals).strip();
  }

  /** Quotes only where the file's reader would take a bare value for something else. */
  private static String quoted(String value) {
    boolean bare =
        value.equals(value.strip())
            && !value.startsWith("\"")
            && !value.startsWith("'")
            && !value.startsWith("#")
            && !value.contains(" #");
    return bare ? value : '"' + value.replaceAll("([\"\\\\$`])", "\\\\$1") + '"';
  }
}
