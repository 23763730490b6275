package dev.turnpike.cli.setup;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names with the time in them, which sort by age: {@code settings.json.20261121T101500Z}. */
final class Stamp {
  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Pattern STAMPED = Pattern.compile("\\.\\d{8}T\\d{6}Z(-\\d+)?");

  private Stamp() {}

  /** A name that is free, beginning with that of {@code path} and beside it. */
  static Path beside(Path path, Instant now) {
    String name = path.getFileName() + "." + FORM.format(now);
    Path free = path.resolveSibling(name);
    for (int i = 1; Files.exists(free, LinkOption.NOFOLLOW_LINKS); i++) {
      free = path.resolveSibling(name + "-" + i);
    }
    return free;
  }

  /** Whether {@code candidate} is a name that {@link #beside} gives for {@code path}. */
  static boolean of(Path path, Path candidate) {
    String name = path.getFileName().toString();
    String other = candidate.getFileName().toString();
    return other.startsWith(name) && STAMPED.matcher(other.substring(name.length())).matches();
  }
}
