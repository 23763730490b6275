package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.turnpike.journal.Samples;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Trace;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class BodyWriterTest {
  private static final JsonFactory JSON = new JsonFactory();

  /** Read and written again by Jackson, it is the same bytes. */
  @Test
  void aBodyIsWhatJacksonWouldWrite() throws IOException {
    try (var writer = new BodyWriter()) {
      for (long seed = 0; seed < 2_000; seed++) {
        byte[] plain = plain(write(writer, Traces.any(seed)));
        assertEquals(
            new String(again(plain), StandardCharsets.UTF_8),
            new String(plain, StandardCharsets.UTF_8),
            "seed " + seed);
      }
    }
  }

  @Test
  void aWriterThatWasUsedBeforeWritesTheSame() {
    try (var used = new BodyWriter()) {
      for (int n = 1; n < 30; n++) {
        Trace trace = Traces.turn(n, n * n, 200 * (n % 7));
        try (var fresh = new BodyWriter()) {
          assertArrayEquals(write(fresh, trace), write(used, trace));
        }
      }
    }
  }

  /** The bodies of the parts are those the parts would have by themselves. */
  @Test
  void partsAreWrittenAsIfEachWereWrittenAlone() {
    Trace trace = Traces.turn(1, 120, 9_000);
    for (long bytes : List.of(1_000L, 20_000L, 100_000L, 300_000L, 1L << 30)) {
      var parts = new ArrayList<Portion>();
      try (var writer = new BodyWriter()) {
        writer.begin(Samples.session(1), DestinationId.LOCAL, trace);
        TraceSplit.split(trace, 50, bytes, writer, parts::add);
      }
      for (Portion part : parts) {
        assertArrayEquals(
            new Body(Samples.session(1), DestinationId.LOCAL, part.trace()).compress(),
            part.body());
      }
    }
  }

  private static byte[] write(BodyWriter writer, Trace trace) {
    return writer.write(Samples.session(1), DestinationId.LOCAL, trace);
  }

  private static byte[] plain(byte[] body) throws IOException {
    try (var gzip = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return gzip.readAllBytes();
    }
  }

  private static byte[] again(byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (JsonParser parser = JSON.createParser(plain);
        JsonGenerator generator = JSON.createGenerator(bytes)) {
      generator.setHighestNonEscapedChar(Body.LAST_BEFORE_SURROGATES);
      while (parser.nextToken() != null) {
        generator.copyCurrentEvent(parser);
      }
    }
    return bytes.toByteArray();
  }
}
