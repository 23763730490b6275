package dev.turnpike.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IsoTimeTest {
  /** From the year -1000 to 12000. */
  @Property
  void isWhatInstantSays(
      @ForAll @LongRange(min = -93_700_000_000L, max = 316_600_000_000L) long second,
      @ForAll @IntRange(max = 999_999_999) int nanos) {
    for (int nano : new int[] {0, nanos / 1_000_000 * 1_000_000, nanos / 1_000 * 1_000, nanos}) {
      Instant time = Instant.ofEpochSecond(second, nano);
      assertEquals(time, IsoTime.parse(time.toString()));
      assertEquals(time.toString(), IsoTime.text(time));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 86_399, 86_400, 951_782_400, 253_402_300_799L, 253_402_300_800L})
  void writesTheEdgesAsInstantDoes(long second) {
    for (int millis : new int[] {0, 1, 10, 100, 999}) {
      Instant time = Instant.ofEpochSecond(second, millis * 1_000_000L);
      assertEquals(time.toString(), IsoTime.text(time));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2024-02-29T00:00:00.000Z",
        "2026-11-20T24:00:00.000Z",
        "2026-12-31T23:59:60.000Z",
        "0000-01-01T00:00:00.001Z",
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:00:00.5Z",
        "2026-11-20T10:00:00.123456789Z",
        "2026-11-20T10:00:00.50+01:00",
        "2026-11-20t10:00:00.500z"
      })
  void readsWhatInstantReads(String text) {
    assertEquals(Instant.parse(text), IsoTime.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "2026-02-29T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z",
        "2026-00-10T00:00:00.000Z",
        "2026-11-20T25:00:00.000Z",
        "2026-11-20T10:60:00.000Z",
        "2026-11-20T10:00:61.000Z",
        "2026-11-20 10:00:00.000Z",
        "2026-11-20T10:00:00.0x0Z"
      })
  void refusesWhatInstantRefuses(String text) {
    assertThrows(DateTimeParseException.class, () -> Instant.parse(text));
    assertThrows(DateTimeParseException.class, () -> IsoTime.parse(text));
  }
}
