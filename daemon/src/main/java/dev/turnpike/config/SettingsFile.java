package dev.turnpike.config;

import dev.turnpike.config.Layer.Entry;
import dev.turnpike.config.Layer.Rank;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings file, parsed:
 *
 * <pre>
 *   # a comment
 *   LANGFUSE_PUBLIC_KEY=pk-lf-...
 *   export LANGFUSE_USER_ID="dev@example.com"   # quotes and export are optional
 *
 *   [project ~/projects/shop]
 *   TRACE_TO_LANGFUSE=false
 * </pre>
 *
 * A section holds for a directory and everything below it. An empty value means: none. A line that
 * is not understood is a warning.
 */
record SettingsFile(Layer top, List<Section> sections, List<String> warnings) {
  static final int LIMIT_BYTES = 256 * 1024;

  record Section(Path directory, Layer layer) {}

  SettingsFile {
    sections = List.copyOf(sections);
    warnings = List.copyOf(warnings);
  }

  static SettingsFile empty(Path file, Rank rank) {
    return new SettingsFile(new Layer(rank, file.toString(), Map.of()), List.of(), List.of());
  }

  /** Whether a secret stands in it, so that its permissions matter. */
  boolean holdsSecrets() {
    return holdsSecrets(top)
        || sections.stream().anyMatch(section -> holdsSecrets(section.layer()));
  }

  private static boolean holdsSecrets(Layer layer) {
    return layer.entries().entrySet().stream()
        .anyMatch(
            entry ->
                !entry.getValue().value().isEmpty()
                    && Setting.named(entry.getKey()).map(Setting::secret).orElse(false));
  }

  /**
   * The section that holds for {@code cwd}: the longest path that contains it, with and without
   * symbolic links resolved.
   */
  Optional<Layer> section(Path cwd) {
    Path real = real(cwd);
    return sections.stream()
        .filter(section -> contains(section.directory(), cwd, real))
        .max(Comparator.comparingInt(section -> section.directory().getNameCount()))
        .map(Section::layer);
  }

  private static boolean contains(Path directory, Path cwd, Path realCwd) {
    return cwd.startsWith(directory)
        || realCwd.startsWith(directory)
        || realCwd.startsWith(real(directory));
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException gone) {
      // a directory that is not there (any more) is compared by its name
      return path;
    }
  }

  static SettingsFile parse(String text, Path file, Path home, Rank rank) {
    return new Parsing(file, home, rank).parse(text);
  }

  private static final class Parsing {
    private static final String EXPORT = "export ";
    private static final String PROJECT = "project ";

    private final Path file;
    private final Path home;
    private final Rank rank;
    private final Map<String, Entry> top = new LinkedHashMap<>();
    private final Map<Path, Map<String, Entry>> sections = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private Map<String, Entry> current = top;
    private boolean inSection;

    Parsing(Path file, Path home, Rank rank) {
      this.file = file;
      this.home = home;
      this.rank = rank;
    }

    SettingsFile parse(String text) {
      int number = 0;
      for (String raw : text.split("\n", -1)) {
        number++;
        String line = (number == 1 && raw.startsWith("\uFEFF") ? raw.substring(1) : raw).strip();
        if (line.startsWith("[")) {
          section(line, number);
        } else if (!line.isEmpty() && !line.startsWith("#")) {
          setting(line, number);
        }
      }
      var parsed = new ArrayList<Section>();
      sections.forEach(
          (directory, entries) ->
              parsed.add(
                  new Section(
                      directory,
                      new Layer(
                          Rank.PROJECT,
                          "[project %s] in %s".formatted(directory, file),
                          entries))));
      return new SettingsFile(new Layer(rank, file.toString(), top), parsed, warnings);
    }

    private void section(String line, int number) {
      inSection = true;
      current = new LinkedHashMap<>();
      int end = line.indexOf(']');
      String head = end < 0 ? "" : line.substring(1, end).strip();
      String rest = end < 0 ? "" : line.substring(end + 1).strip();
      if (!head.startsWith(PROJECT) || !(rest.isEmpty() || rest.startsWith("#"))) {
        warn(number, "a section is written [project /path/to/it]; what follows is ignored");
        return;
      }
      String path = unquoted(head.substring(PROJECT.length()).strip());
      try {
        Path directory =
            path.equals("~")
                ? home
                : path.startsWith("~/") ? home.resolve(path.substring(2)) : Path.of(path);
        if (!directory.isAbsolute()) {
          warn(number, "the path of a project must begin with / or ~/; what follows is ignored");
          return;
        }
        current = sections.computeIfAbsent(directory.normalize(), key -> new LinkedHashMap<>());
      } catch (InvalidPathException e) {
        warn(number, "this is no path; what follows is ignored");
      }
    }

    private void setting(String line, int number) {
      String plain = line.startsWith(EXPORT) ? line.substring(EXPORT.length()).strip() : line;
      int equals = plain.indexOf('=');
      if (equals <= 0) {
        warn(number, "a setting is written NAME=value; this line is ignored");
        return;
      }
      String name = plain.substring(0, equals).strip();
      Optional<Setting> setting = Setting.named(name);
      if (setting.isEmpty()) {
        unknown(name, number);
      } else if (setting.get().reach() == Setting.Reach.PROCESS) {
        warn(number, name + " counts only as an environment variable; ignored");
      } else if (setting.get().reach() == Setting.Reach.MACHINE && inSection) {
        warn(number, name + " cannot differ by project: put it above the first section; ignored");
      } else if (current.put(name, new Entry(value(plain.substring(equals + 1)), number)) != null) {
        warn(number, name + " stands here twice; the later one counts");
      }
    }

    private void unknown(String name, int number) {
      if (rank == Rank.CODE_TRACE_FILE) {
        return;
      }
      String shown = name.length() <= 80 ? name : name.substring(0, 80) + "...";
      warn(
          number,
          Nearest.to(name)
              .map(near -> "unknown setting %s; did you mean %s?".formatted(shown, near))
              .orElse("unknown setting " + shown));
    }

    private static String value(String raw) {
      String text = raw.strip();
      if (text.startsWith("\"") || text.startsWith("'")) {
        int end = closing(text);
        if (end > 0) {
          return unquoted(text.substring(0, end + 1));
        }
      }
      int comment = text.startsWith("#") ? 0 : text.indexOf(" #");
      return comment < 0 ? text : text.substring(0, comment).strip();
    }

    /** Where the quote that opens {@code text} is closed, if only a comment follows; else -1. */
    private static int closing(String text) {
      char quote = text.charAt(0);
      for (int i = 1; i < text.length(); i++) {
        if (quote == '"' && text.charAt(i) == '\\') {
          i++;
        } else if (text.charAt(i) == quote) {
          String rest = text.substring(i + 1).strip();
          return rest.isEmpty() || rest.startsWith("#") ? i : -1;
        }
      }
      return -1;
    }

    private static String unquoted(String text) {
      boolean quoted =
          text.length() >= 2
              && (text.charAt(0) == '"' || text.charAt(0) == '\'')
              && text.charAt(0) == text.charAt(text.length() - 1);
      if (!quoted) {
        return text;
      }
      String inner = text.substring(1, text.length() - 1);
      return text.charAt(0) == '"' ? inner.replaceAll("\\\\([\"\\\\$`])", "$1") : inner;
    }

    private void warn(int line, String what) {
      warnings.add("%s, line %d: %s".formatted(file, line, what));
    }
  }
}
