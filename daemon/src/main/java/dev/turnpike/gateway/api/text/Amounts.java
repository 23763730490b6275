package dev.turnpike.gateway.api.text;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers, times and words as they stand in our tables. */
final class Amounts {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
  private static final String[] SIZES = {"KiB", "MiB", "GiB", "TiB"};

  private Amounts() {}

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String counted(long number, String one, String many) {
    return count(number) + " " + (number == 1 ? one : many);
  }

  static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double size = bytes / 1024.0;
    int unit = 0;
    while (size >= 1024 && unit < SIZES.length - 1) {
      size /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, size < 10 ? "%.1f %s" : "%.0f %s", size, SIZES[unit]);
  }

  /** A length people can compare: two units at most. */
  static String length(Duration length) {
    long millis = Math.max(0, length.toMillis());
    if (millis < 1000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    if (length.toHours() == 0) {
      return length.toMinutes() + " min " + length.toSecondsPart() + " s";
    }
    return length.toDays() == 0
        ? length.toHours() + " h " + length.toMinutesPart() + " min"
        : length.toDays() + " d " + length.toHoursPart() + " h";
  }

  static String length(long millis) {
    return length(Duration.ofMillis(millis));
  }

  static String ago(@Nullable Instant then, Instant now) {
    if (then == null) {
      return "never";
    }
    var age = Duration.between(then, now);
    return age.toSeconds() < 1 ? "just now" : wholeSeconds(age) + " ago";
  }

  /** An age or a wait: nobody needs tenths of it. */
  static String wholeSeconds(Duration length) {
    long seconds = Math.max(0, length.toSeconds());
    return seconds < 60 ? seconds + " s" : length(Duration.ofSeconds(seconds));
  }

  static String time(@Nullable Instant time, ZoneId zone) {
    return time == null ? "-" : TIME.format(time.atZone(zone));
  }

  /** Of a moment that is near. */
  static String clock(Instant time, ZoneId zone) {
    return CLOCK.format(time.atZone(zone));
  }

  static String dollars(BigDecimal amount) {
    var places = amount.compareTo(BigDecimal.ONE) < 0 ? 6 : 2;
    var rounded = amount.setScale(places, RoundingMode.HALF_UP).stripTrailingZeros();
    return "$" + (rounded.scale() < 2 ? rounded.setScale(2) : rounded).toPlainString();
  }

  /** One line of at most {@code limit} characters, without anything a terminal would obey. */
  static String clean(String text, int limit) {
    var line = new StringBuilder();
    var points = text.strip().codePoints().iterator();
    int length = 0;
    while (points.hasNext() && length <= limit) {
      int point = points.nextInt();
      line.appendCodePoint(harmless(point) ? point : ' ');
      length++;
    }
    if (length > limit) {
      line.setLength(line.offsetByCodePoints(0, limit - 1));
      line.append('\u2026');
    }
    return line.toString().strip();
  }

  private static boolean harmless(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
