package dev.turnpike.platform;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;

/**
 * Times as agents and we ourselves write them, {@code 2026-11-20T10:00:00.500Z}: every row and
 * every observation has some. Gives what {@link Instant} itself gives, and leaves to it whatever
 * has not this form; for what has, it takes ten times as long and more (first compiler, JDK 25).
 */
public final class IsoTime {
  private static final String FORM = "0000-00-00T00:00:00.000Z";
  private static final String LONGEST = "0000-00-00T00:00:00.000000000Z";
  private static final int WHOLE_SECONDS = 19;
  private static final int SECONDS_OF_DAY = 86_400;
  private static final int NANOS_OF_MILLI = 1_000_000;

  /** The first second of the year 10000, which takes a digit more. */
  private static final long FIVE_DIGITS = 253_402_300_800L;

  private IsoTime() {}

  /**
   * @throws DateTimeParseException where {@link Instant#parse} does
   */
  public static Instant parse(String text) {
    if (!hasForm(text)) {
      return Instant.parse(text);
    }
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (hour > 23 || minute > 59 || second > 59) {
      return Instant.parse(text); // midnight as 24:00, a leap second, or nothing at all
    }
    long day;
    try {
      day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)).toEpochDay();
    } catch (DateTimeException e) {
      throw new DateTimeParseException(e.getMessage(), text, 0, e);
    }
    long seconds = day * SECONDS_OF_DAY + hour * 3_600L + minute * 60L + second;
    return Instant.ofEpochSecond(seconds, (long) number(text, 20, 23) * NANOS_OF_MILLI);
  }

  /** What {@link Instant#toString} gives. */
  public static String text(Instant time) {
    long seconds = time.getEpochSecond();
    if (seconds < 0 || seconds >= FIVE_DIGITS) {
      return time.toString();
    }
    LocalDate day = LocalDate.ofEpochDay(seconds / SECONDS_OF_DAY);
    int second = (int) (seconds % SECONDS_OF_DAY);
    byte[] text = LONGEST.getBytes(StandardCharsets.ISO_8859_1);
    put(text, 0, 4, day.getYear());
    put(text, 5, 7, day.getMonthValue());
    put(text, 8, 10, day.getDayOfMonth());
    put(text, 11, 13, second / 3_600);
    put(text, 14, 16, second / 60 % 60);
    put(text, 17, 19, second % 60);
    int end = putFraction(text, time.getNano());
    text[end] = 'Z';
    return new String(text, 0, end + 1, StandardCharsets.ISO_8859_1);
  }

  /** None, or three, six or nine digits. Where it ends. */
  private static int putFraction(byte[] text, int nanos) {
    if (nanos == 0) {
      return WHOLE_SECONDS;
    }
    int digits = 9;
    int fraction = nanos;
    while (fraction % 1000 == 0) {
      fraction /= 1000;
      digits -= 3;
    }
    int end = WHOLE_SECONDS + 1 + digits;
    put(text, WHOLE_SECONDS + 1, end, fraction);
    return end;
  }

  private static void put(byte[] text, int from, int end, int number) {
    int rest = number;
    for (int i = end - 1; i >= from; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  private static boolean hasForm(String text) {
    if (text.length() != FORM.length()) {
      return false;
    }
    for (int i = 0; i < FORM.length(); i++) {
      char c = text.charAt(i);
      char form = FORM.charAt(i);
      if (form == '0' ? c < '0' || c > '9' : c != form) {
        return false;
      }
    }
    return true;
  }

  private static int number(String text, int from, int end) {
    int number = 0;
    for (int i = from; i < end; i++) {
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }
}
