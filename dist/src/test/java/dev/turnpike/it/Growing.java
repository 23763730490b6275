package dev.turnpike.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A transcript that grows row by row, as the agent writes it. */
final class Growing {
  /**
   * @param end offset behind the row
   * @param at what the row itself says; as the row before it, where it says nothing
   */
  record Row(int end, Instant at) {}

  private final Path target;
  private final byte[] bytes;
  private final List<Row> rows = new ArrayList<>();
  private int written;

  Growing(Path captured, Path target, Rewriting rewriting) throws IOException {
    this.target = target;
    this.bytes = rewriting.text(Files.readString(captured)).getBytes(StandardCharsets.UTF_8);
    Instant last = Instant.EPOCH;
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        Instant at = time(Arrays.copyOfRange(bytes, start, i + 1));
        last = at.isAfter(last) ? at : last;
        rows.add(new Row(i + 1, last));
        start = i + 1;
      }
    }
  }

  private static Instant time(byte[] row) throws IOException {
    try {
      return Instant.parse(Fixture.JSON.readTree(row).path("timestamp").asText());
    } catch (DateTimeParseException | JsonProcessingException e) {
      return Instant.EPOCH; // a row without a time of its own
    }
  }

  int size() {
    return rows.size();
  }

  Instant at(int row) {
    return rows.get(row).at();
  }

  boolean begun() {
    return written > 0;
  }

  boolean whole() {
    return written == bytes.length;
  }

  /** Makes the file as long as so many rows; it never shrinks. */
  void grow(int rowCount) throws IOException {
    int end = rowCount <= 0 ? 0 : rows.get(Math.min(rowCount, rows.size()) - 1).end();
    to(end);
  }

  void growToEnd() throws IOException {
    to(bytes.length);
  }

  private void to(int end) throws IOException {
    if (end <= written) {
      return;
    }
    if (written == 0) {
      Files.createDirectories(target.getParent());
      Files.createFile(
          target,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.write(target, Arrays.copyOfRange(bytes, written, end), StandardOpenOption.APPEND);
    written = end;
  }
}
