package dev.turnpike.export;

import java.util.Arrays;

/**
 * Protocol Buffers, written from the last field to the first into one growing buffer, so that a
 * message's length is known when its length has to be written: no sizing pass, no buffer per
 * message. Not thread-safe.
 *
 * <pre>
 *   int end = out.mark();
 *   out.text(2, "world");      // the last field first
 *   out.text(1, "hello");
 *   out.message(7, end);       // field 7 = all that was written since the mark
 * </pre>
 */
final class ProtoWriter {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;
  private static final int MAX_VARINT_BYTES = 10;

  private byte[] buffer;
  private int position;

  ProtoWriter(int capacityBytes) {
    buffer = new byte[capacityBytes];
    position = capacityBytes;
  }

  /** How much was written so far; hand it to {@link #message} later. */
  int mark() {
    return buffer.length - position;
  }

  byte[] toBytes() {
    return Arrays.copyOfRange(buffer, position, buffer.length);
  }

  /** Makes what was written since the mark the content of a message field. */
  void message(int field, int mark) {
    varint(mark() - mark);
    tag(field, LENGTH);
  }

  /** Proto3: an empty value is not written. */
  void text(int field, String value) {
    if (!value.isEmpty()) {
      textAlways(field, value);
    }
  }

  /** For a oneof, where an empty value is a value. */
  void textAlways(int field, String value) {
    int mark = mark();
    utf8(value);
    message(field, mark);
  }

  void bytes(int field, byte[] value) {
    if (value.length > 0) {
      raw(value);
      varint(value.length);
      tag(field, LENGTH);
    }
  }

  void number(int field, long value) {
    if (value != 0) {
      varint(value);
      tag(field, VARINT);
    }
  }

  void fixed64(int field, long value) {
    if (value != 0) {
      reserve(Long.BYTES);
      for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
        buffer[--position] = (byte) (value >>> shift);
      }
      tag(field, FIXED64);
    }
  }

  void fixed32(int field, int value) {
    if (value != 0) {
      reserve(Integer.BYTES);
      for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
        buffer[--position] = (byte) (value >>> shift);
      }
      tag(field, FIXED32);
    }
  }

  /** Bytes that are encoded fields already. */
  void raw(byte[] encoded) {
    reserve(encoded.length);
    position -= encoded.length;
    System.arraycopy(encoded, 0, buffer, position, encoded.length);
  }

  private void tag(int field, int wireType) {
    varint(((long) field << 3) | wireType);
  }

  private void varint(long value) {
    int size = varintSize(value);
    reserve(MAX_VARINT_BYTES);
    position -= size;
    int at = position;
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      buffer[at++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    buffer[at] = (byte) rest;
  }

  private static int varintSize(long value) {
    return value == 0 ? 1 : (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7;
  }

  /**
   * Half of a surrogate pair (a text cut in the middle of one) becomes a question mark, as {@code
   * String.getBytes} has it.
   */
  private void utf8(String value) {
    reserve(value.length() * 3L);
    for (int i = value.length() - 1; i >= 0; i--) {
      char c = value.charAt(i);
      if (c < 0x80) {
        buffer[--position] = (byte) c;
      } else if (c < 0x800) {
        buffer[--position] = (byte) (0x80 | (c & 0x3F));
        buffer[--position] = (byte) (0xC0 | (c >> 6));
      } else if (!Character.isSurrogate(c)) {
        buffer[--position] = (byte) (0x80 | (c & 0x3F));
        buffer[--position] = (byte) (0x80 | ((c >> 6) & 0x3F));
        buffer[--position] = (byte) (0xE0 | (c >> 12));
      } else if (Character.isLowSurrogate(c)
          && i > 0
          && Character.isHighSurrogate(value.charAt(i - 1))) {
        int point = Character.toCodePoint(value.charAt(--i), c);
        buffer[--position] = (byte) (0x80 | (point & 0x3F));
        buffer[--position] = (byte) (0x80 | ((point >> 6) & 0x3F));
        buffer[--position] = (byte) (0x80 | ((point >> 12) & 0x3F));
        buffer[--position] = (byte) (0xF0 | (point >> 18));
      } else {
        buffer[--position] = '?';
      }
    }
  }

  private void reserve(long bytes) {
    if (position >= bytes) {
      return;
    }
    long wanted = Math.max(mark() + bytes, buffer.length * 2L);
    var larger = new byte[Math.toIntExact(wanted)];
    int used = mark();
    System.arraycopy(buffer, position, larger, larger.length - used, used);
    position = larger.length - used;
    buffer = larger;
  }
}
