package dev.turnpike.export;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The body of a request as it is sent on every attempt.
 *
 * <p>Pinned beside the batch as
 *
 * <pre>
 *   TPW1           format and version
 *   o | c          path: OTLP or classic ingestion
 *   z | -          gzip or plain
 *   int32          items: spans (OTLP) or events (classic), big endian
 *   ...            the body
 * </pre>
 *
 * @param items how many spans or events the backend should find in it
 */
public record Wire(WirePath path, boolean gzip, int items, byte[] body) {
  private static final byte[] FORMAT = {'T', 'P', 'W', '1'};
  private static final int HEAD_BYTES = FORMAT.length + 2 + Integer.BYTES;

  public String contentType() {
    return switch (path) {
      case OTLP -> "application/x-protobuf";
      case CLASSIC -> "application/json";
    };
  }

  public byte[] toBytes() {
    return ByteBuffer.allocate(HEAD_BYTES + body.length)
        .put(FORMAT)
        .put((byte) path.mark())
        .put((byte) (gzip ? 'z' : '-'))
        .putInt(items)
        .put(body)
        .array();
  }

  /** Empty if these bytes are not ours: written by another version, or damaged in their head. */
  public static Optional<Wire> parse(byte[] pinned) {
    if (pinned.length < HEAD_BYTES
        || !Arrays.equals(pinned, 0, FORMAT.length, FORMAT, 0, FORMAT.length)) {
      return Optional.empty();
    }
    var head = ByteBuffer.wrap(pinned, FORMAT.length, HEAD_BYTES - FORMAT.length);
    Optional<WirePath> path = WirePath.of((char) head.get());
    char packing = (char) head.get();
    int items = head.getInt();
    return path.filter(known -> packing == 'z' || packing == '-')
        .map(
            known ->
                new Wire(
                    known,
                    packing == 'z',
                    items,
                    Arrays.copyOfRange(pinned, HEAD_BYTES, pinned.length)));
  }
}
