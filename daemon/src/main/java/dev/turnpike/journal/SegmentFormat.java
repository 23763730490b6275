package dev.turnpike.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Segments and records as bytes, big-endian.
 *
 * <pre>
 *   segment   "TPJRNL1\n" | number u64 | base u64 | previousGood u64 | crc32c u32 of the 32 bytes before | records
 *   record    len u32 | crc32c u32 | kind u8 | seq u64 | payload
 * </pre>
 *
 * {@code len} counts kind, seq and payload, and the checksum covers the same bytes. Segments
 * numbered below the greatest {@code base} of any segment are void: a compacted segment has its own
 * number there. {@code previousGood} says how much of the segment before this one counts ({@link
 * #WHOLE} usually): after a failed write or force what lies behind it was never promised.
 */
final class SegmentFormat {
  static final long WHOLE = -1;
  static final int HEADER_BYTES = 36;
  static final int FRAME_BYTES = 8;

  private static final int FIXED_BYTES = 9;
  private static final byte[] MAGIC = "TPJRNL1\n".getBytes(StandardCharsets.US_ASCII);
  private static final String SUFFIX = ".seg";
  private static final int DIGITS = 16;

  record Header(long number, long base, long previousGood) {}

  record Found(int kind, long sequence, byte[] payload, int end) {}

  private SegmentFormat() {}

  static String name(long number) {
    return String.format(Locale.ROOT, "%0" + DIGITS + "d", number) + SUFFIX;
  }

  static OptionalLong number(Path file) {
    String name = file.getFileName().toString();
    if (name.length() != DIGITS + SUFFIX.length()
        || !name.endsWith(SUFFIX)
        || !name.chars().limit(DIGITS).allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(name.substring(0, DIGITS)));
  }

  static byte[] header(Header header) {
    var bytes = ByteBuffer.allocate(HEADER_BYTES);
    bytes.put(MAGIC).putLong(header.number()).putLong(header.base()).putLong(header.previousGood());
    bytes.putInt(crc(bytes.array(), 0, HEADER_BYTES - 4));
    return bytes.array();
  }

  static Optional<Header> header(byte[] bytes) {
    if (bytes.length < HEADER_BYTES
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      return Optional.empty();
    }
    var in = ByteBuffer.wrap(bytes);
    if (in.getInt(HEADER_BYTES - 4) != crc(bytes, 0, HEADER_BYTES - 4)) {
      return Optional.empty();
    }
    int at = MAGIC.length;
    return Optional.of(new Header(in.getLong(at), in.getLong(at + 8), in.getLong(at + 16)));
  }

  static byte[] record(int kind, long sequence, byte[] payload) {
    int length = FIXED_BYTES + payload.length;
    var bytes = ByteBuffer.allocate(FRAME_BYTES + length);
    bytes.putInt(length).putInt(0).put((byte) kind).putLong(sequence).put(payload);
    bytes.putInt(4, crc(bytes.array(), FRAME_BYTES, length));
    return bytes.array();
  }

  static int recordBytes(int payloadBytes) {
    return FRAME_BYTES + FIXED_BYTES + payloadBytes;
  }

  /**
   * Null if there is no whole, undamaged record at {@code at}; a length is believed only if it can
   * be true.
   */
  static @Nullable Found read(byte[] bytes, int at, int end, int limitBytes) {
    int length = length(bytes, at, end, limitBytes);
    if (length < 0) {
      return null;
    }
    var in = ByteBuffer.wrap(bytes);
    if (in.getInt(at + 4) != crc(bytes, at + FRAME_BYTES, length)) {
      return null;
    }
    int payload = at + FRAME_BYTES + FIXED_BYTES;
    int recordEnd = at + FRAME_BYTES + length;
    return new Found(
        bytes[at + FRAME_BYTES] & 0xff,
        in.getLong(at + FRAME_BYTES + 1),
        Arrays.copyOfRange(bytes, payload, recordEnd),
        recordEnd);
  }

  /** Where the record after a damaged one begins, if its length can be believed; else -1. */
  static int skip(byte[] bytes, int at, int end, int limitBytes) {
    int length = length(bytes, at, end, limitBytes);
    return length < 0 ? -1 : at + FRAME_BYTES + length;
  }

  private static int length(byte[] bytes, int at, int end, int limitBytes) {
    if (end - at < FRAME_BYTES + FIXED_BYTES) {
      return -1;
    }
    int length = ByteBuffer.wrap(bytes).getInt(at);
    boolean possible =
        length >= FIXED_BYTES && length <= limitBytes && length <= end - at - FRAME_BYTES;
    return possible ? length : -1;
  }

  private static int crc(byte[] bytes, int from, int length) {
    var crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
