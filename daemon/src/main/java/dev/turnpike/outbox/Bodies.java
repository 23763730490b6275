package dev.turnpike.outbox;

import dev.turnpike.journal.BatchRef;
import dev.turnpike.journal.DurableFiles;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the outbox: {@code <batch>.json.gz}, and {@code <batch>.wire} from the first attempt
 * on.
 */
final class Bodies {
  static final String BODY = ".json.gz";
  static final String WIRE = ".wire";
  static final long LIMIT_FILE_BYTES = 64L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Bodies.class);
  private static final int TRACE_DIGITS = 16;
  private static final int DESTINATION_CHARS = 8;

  /** A body that is not written yet. */
  record Draft(BatchRef ref, byte[] compressed) {}

  private final Path directory;
  private final DurableFiles files;

  Bodies(Path directory, DurableFiles files) {
    this.directory = directory;
    this.files = files;
  }

  /**
   * The batch's id says which trace, which content and which destination: {@code
   * 4bf92f3577b34da6-9c1d03aa5e2177d0-1f3c22b0}. The same content for the same destination is the
   * same batch, however often it is staged. The sums are of the compressed bytes: they are as much
   * the same as what is in them, and several times fewer.
   */
  static Draft draft(Portion part, DestinationId destination, SessionKey session, Instant now) {
    Trace trace = part.trace();
    byte[] compressed = part.body();
    var ref =
        new BatchRef(
            id(trace.id().hex().substring(0, TRACE_DIGITS) + "-" + sums(compressed), destination),
            destination,
            session,
            trace.id(),
            trace.observations().size(),
            compressed.length,
            now);
    return new Draft(ref, compressed);
  }

  /**
   * Two checksums by different polynomials, 64 bits together: they tell the parts of one trace from
   * each other. A digest of as many bits, for which the first compiler has no code of its own, took
   * a twentieth of what reading takes.
   */
  private static String sums(byte[] bytes) {
    return HexFormat.of().toHexDigits((int) sum(new CRC32(), bytes))
        + HexFormat.of().toHexDigits((int) sum(new CRC32C(), bytes));
  }

  private static long sum(Checksum empty, byte[] bytes) {
    empty.update(bytes, 0, bytes.length);
    return empty.getValue();
  }

  static BatchId id(String content, DestinationId destination) {
    String where = destination.value();
    return new BatchId(
        content + "-" + where.substring(0, Math.min(DESTINATION_CHARS, where.length())));
  }

  /** The part of the id that is the same for every destination. */
  static String contentOf(BatchId id) {
    return id.value().substring(0, id.value().lastIndexOf('-'));
  }

  Path body(BatchId id) {
    return directory.resolve(id + BODY);
  }

  private Path wireFile(BatchId id) {
    return directory.resolve(id + WIRE);
  }

  void write(Draft draft) throws IOException {
    files.replace(body(draft.ref().id()), draft.compressed());
  }

  void write(BatchId id, byte[] compressed) throws IOException {
    files.replace(body(id), compressed);
  }

  void force() throws IOException {
    files.forceDirectory(directory);
  }

  byte[] bytes(BatchId id) throws IOException {
    return files.read(body(id), LIMIT_FILE_BYTES);
  }

  Trace read(BatchId id) throws IOException {
    return Body.read(bytes(id)).trace();
  }

  Optional<byte[]> wire(BatchId id) throws IOException {
    Path file = wireFile(id);
    return Files.exists(file) ? Optional.of(files.read(file, LIMIT_FILE_BYTES)) : Optional.empty();
  }

  void pinWire(BatchId id, byte[] bytes) throws IOException {
    files.replace(wireFile(id), bytes);
    force();
  }

  void unpinWire(BatchId id) {
    delete(wireFile(id));
  }

  void remove(BatchId id) {
    delete(wireFile(id));
    delete(body(id));
  }

  /** A file that cannot be removed now is an orphan at the next start. */
  void delete(Path file) {
    try {
      files.delete(file);
    } catch (IOException e) {
      LOG.warn("outbox: cannot remove {}: {}", file, e.toString());
    }
  }
}
