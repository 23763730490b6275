package dev.turnpike.otlp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Protocol Buffers, read field by field from a part of an array: {@link #next()} moves to a field,
 * one of the others takes its value, and what is not taken is skipped. Unknown fields are no error.
 */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final byte[] bytes;
  private final int end;
  private int at;
  private int field;
  private int type;
  private boolean taken = true;

  ProtoReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ProtoReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /** The next field's number, 0 at the end. */
  int next() throws Undecodable {
    if (!taken) {
      skip();
    }
    if (at == end) {
      return 0;
    }
    long tag = varint();
    if (tag >>> 3 == 0 || tag >>> 3 > Integer.MAX_VALUE) {
      throw bad("a field without a number");
    }
    field = (int) (tag >>> 3);
    type = (int) (tag & 7);
    taken = false;
    return field;
  }

  String text() throws Undecodable {
    int length = length();
    at += length;
    return new String(bytes, at - length, length, StandardCharsets.UTF_8);
  }

  String hex() throws Undecodable {
    int length = length();
    at += length;
    return HexFormat.of().formatHex(bytes, at - length, at);
  }

  byte[] raw() throws Undecodable {
    int length = length();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  ProtoReader message() throws Undecodable {
    int length = length();
    at += length;
    return new ProtoReader(bytes, at - length, at);
  }

  long number() throws Undecodable {
    require(VARINT);
    return varint();
  }

  long fixed64() throws Undecodable {
    require(FIXED64);
    need(Long.BYTES);
    long value = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      value = value << Byte.SIZE | (bytes[at + i] & 0xFF);
    }
    at += Long.BYTES;
    return value;
  }

  private int length() throws Undecodable {
    require(LENGTH);
    long length = varint();
    if (length < 0 || length > end - at) {
      throw bad("a length beyond the end");
    }
    return (int) length;
  }

  private void skip() throws Undecodable {
    switch (type) {
      case VARINT -> number();
      case FIXED64 -> fixed64();
      case LENGTH -> raw();
      case FIXED32 -> {
        need(Integer.BYTES);
        at += Integer.BYTES;
        taken = true;
      }
      default -> throw bad("wire type " + type);
    }
  }

  private void require(int wanted) throws Undecodable {
    if (type != wanted) {
      throw bad("field " + field + " has wire type " + type);
    }
    taken = true;
  }

  private void need(int count) throws Undecodable {
    if (end - at < count) {
      throw bad("the end within a number");
    }
  }

  private long varint() throws Undecodable {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      need(1);
      byte next = bytes[at++];
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw bad("a number of more than 64 bits");
  }

  private Undecodable bad(String what) {
    return new Undecodable("not a trace export in protobuf: " + what + " at byte " + at);
  }
}
