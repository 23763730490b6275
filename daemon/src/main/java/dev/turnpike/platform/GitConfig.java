package dev.turnpike.platform;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The few values we need of git's configuration, the last one of a name wins as in git. Follows
 * {@code [include]} and {@code [includeIf "gitdir:..."]}, by which people keep their e-mail of work
 * and home apart; other conditions do not hold.
 */
final class GitConfig {
  private static final int LIMIT_BYTES = 1024 * 1024;
  private static final int LIMIT_INCLUDES = 10;

  private final Path home;
  private final Optional<GitFolder> repository;
  private final Map<String, String> values = new HashMap<>();
  private int included;

  private GitConfig(Path home, Optional<GitFolder> repository) {
    this.home = home;
    this.repository = repository;
  }

  static GitConfig ofUser(Path home, Optional<GitFolder> repository) {
    var config = new GitConfig(home, repository);
    config.read(home.resolve(".config/git/config"));
    config.read(home.resolve(".gitconfig"));
    return config;
  }

  static GitConfig ofRepository(GitFolder repository, Path home) {
    GitConfig config = ofUser(home, Optional.of(repository));
    config.read(repository.common().resolve("config"));
    return config;
  }

  /**
   * @param name as git prints it: {@code user.email}, {@code remote.origin.url}
   */
  Optional<String> last(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
  }

  private void read(Path file) {
    GitFolder.readSmall(file, LIMIT_BYTES).ifPresent(text -> read(file, text));
  }

  private void read(Path file, String text) {
    String section = "";
    for (String raw : text.split("\n", -1)) {
      String line = raw.strip();
      if (line.startsWith("[")) {
        int end = line.lastIndexOf(']');
        section = end < 0 ? "" : sectionName(line.substring(1, end));
        line = end < 0 ? "" : line.substring(end + 1).strip();
      }
      int equals = line.indexOf('=');
      if (equals > 0 && line.charAt(0) != '#' && line.charAt(0) != ';') {
        String key = line.substring(0, equals).strip().toLowerCase(Locale.ROOT);
        take(file, section, key, value(line.substring(equals + 1)));
      }
    }
  }

  private void take(Path file, String section, String key, String value) {
    if (key.equals("path") && (section.equals("include") || holds(section))) {
      if (included++ < LIMIT_INCLUDES) {
        resolve(file, value).ifPresent(this::read);
      }
      return;
    }
    values.put(section + "." + key, value);
  }

  /** {@code remote "origin"} becomes {@code remote.origin}; the part in quotes keeps its case. */
  private static String sectionName(String head) {
    int quote = head.indexOf('"');
    if (quote < 0) {
      return head.strip().toLowerCase(Locale.ROOT);
    }
    int end = Math.max(quote + 1, head.lastIndexOf('"'));
    return head.substring(0, quote).strip().toLowerCase(Locale.ROOT)
        + "."
        + head.substring(quote + 1, end).replace("\\\\", "\\").replace("\\\"", "\"");
  }

  private static String value(String raw) {
    var value = new StringBuilder();
    boolean quoted = false;
    String text = raw.strip();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\' && i + 1 < text.length()) {
        value.append(text.charAt(++i));
      } else if (!quoted && (c == '#' || c == ';')) {
        break;
      } else {
        value.append(c);
      }
    }
    return quoted ? value.toString() : value.toString().strip();
  }

  /**
   * {@code includeif.gitdir:~/projects/}: everything below; without a slash at the end the one
   * directory.
   */
  private boolean holds(String section) {
    String rest;
    boolean ignoreCase = false;
    if (section.startsWith("includeif.gitdir:")) {
      rest = section.substring("includeif.gitdir:".length());
    } else if (section.startsWith("includeif.gitdir/i:")) {
      rest = section.substring("includeif.gitdir/i:".length());
      ignoreCase = true;
    } else {
      return false;
    }
    if (repository.isEmpty()) {
      return false;
    }
    String wanted = rest.startsWith("~/") ? home + rest.substring(1) : rest;
    wanted = wanted.endsWith("/**") ? wanted.substring(0, wanted.length() - 2) : wanted;
    String actual = repository.get().own() + "/";
    return actual.regionMatches(ignoreCase, 0, wanted, 0, wanted.length())
        && (wanted.endsWith("/") || actual.length() == wanted.length() + 1);
  }

  private Optional<Path> resolve(Path file, String value) {
    try {
      return Optional.of(
          value.startsWith("~/")
              ? home.resolve(value.substring(2))
              : file.resolveSibling(value).normalize());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
