package dev.turnpike.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.journal.SegmentFormat.Header;
import dev.turnpike.model.BatchId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The sample in docs/journal-format.md is what the code writes. */
class JournalFormatTest {
  private static final Instant AT = Instant.parse("2026-11-21T10:00:00.123456789Z");

  @Test
  void theDocumentedSampleIsReal() throws IOException {
    String document = Files.readString(document());
    byte[] header = SegmentFormat.header(new Header(1, 0, SegmentFormat.WHOLE));
    var encoded =
        FactJson.encode(
            new Entry.BatchSettled(new BatchId("4bf92f3577b34da6-9c1d03aa5e21-1f3c22b0")), AT);
    byte[] record = SegmentFormat.record(encoded.kind(), 7, encoded.payload());
    assertTrue(document.contains(dump(header)), "the header is\n" + dump(header));
    assertTrue(document.contains(dump(record)), "the record is\n" + dump(record));
  }

  @Test
  void headersAndRecordsComeBack() {
    var header = new Header(42, 7, 12345);
    assertEquals(Optional.of(header), SegmentFormat.header(SegmentFormat.header(header)));
    byte[] record = SegmentFormat.record(3, 99, new byte[] {1, 2, 3});
    SegmentFormat.Found found = SegmentFormat.read(record, 0, record.length, 100);
    assertTrue(found != null && found.kind() == 3 && found.sequence() == 99);
    assertEquals(record.length, found.end());
    for (int bit = 0; bit < record.length * 8; bit++) {
      byte[] damaged = record.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertTrue(SegmentFormat.read(damaged, 0, damaged.length, 100) == null, "bit " + bit);
    }
  }

  private static Path document() {
    Path here = Path.of("docs/journal-format.md");
    return Files.exists(here) ? here : Path.of("../docs/journal-format.md");
  }

  private static String dump(byte[] bytes) {
    List<String> lines = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += 16) {
      int end = Math.min(bytes.length, at + 16);
      String hex = HexFormat.ofDelimiter(" ").formatHex(bytes, at, end);
      String text =
          new String(bytes, at, end - at, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
      lines.add(String.format(Locale.ROOT, "%04x  %-47s  %s", at, hex, text));
    }
    return String.join("\n", lines);
  }
}
