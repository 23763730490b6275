package dev.turnpike.platform;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Sizes as people write them: {@code 4096}, {@code 64KiB}, {@code 16MiB}, {@code 2GiB}; {@code K},
 * {@code MB} and the like count in 1,024 too.
 */
public final class Sizes {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})\\s*([kmg]?)i?b?");
  private static final long KIB = 1024;

  private Sizes() {}

  /** In bytes; empty if {@code text} is no size. */
  public static OptionalLong parse(String text) {
    var matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long unit =
        switch (matcher.group(2)) {
          case "k" -> KIB;
          case "m" -> KIB * KIB;
          case "g" -> KIB * KIB * KIB;
          default -> 1;
        };
    return OptionalLong.of(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
  }

  /** The largest unit that divides {@code bytes}: {@code 16MiB}. */
  public static String format(long bytes) {
    if (bytes > 0 && bytes % (KIB * KIB * KIB) == 0) {
      return bytes / (KIB * KIB * KIB) + "GiB";
    }
    if (bytes > 0 && bytes % (KIB * KIB) == 0) {
      return bytes / (KIB * KIB) + "MiB";
    }
    if (bytes > 0 && bytes % KIB == 0) {
      return bytes / KIB + "KiB";
    }
    return Long.toString(bytes);
  }
}
