package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.turnpike.journal.Samples;
import dev.turnpike.model.Content;
import dev.turnpike.model.ContentKind;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Observation;
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

  /** Longer than what is kept plain, with texts that come again soon, late, and never. */
  @Test
  void textsThatComeAgainInALongTrace() throws IOException {
    var texts = new ArrayList<String>();
    for (int n = 0; n < 400; n++) {
      texts.add("%d \"total\" ü%s\n".formatted(n, n % 3 == 0 ? "→" : "").repeat(20 + n));
    }
    var observations = new ArrayList<Observation>();
    Frame frame = Traces.turn(1, 1, 1).observations().getLast().frame();
    for (int n = 0; n < 1_200; n++) {
      var content = new Content.Text(ContentKind.TOOL_OUTPUT, texts.get(n * 7 % 400));
      var soon = new Content.Text(ContentKind.TOOL_OUTPUT, texts.get(Math.max(0, n - 3) * 7 % 400));
      observations.add(new Observation.ToolCall(frame, "toolu_" + n, soon, content));
    }
    var trace = new Trace(Traces.id(1), Traces.turn(1, 1, 1).context(), observations);
    try (var writer = new BodyWriter()) {
      byte[] plain = plain(write(writer, trace));
      assertTrue(plain.length > 8_000_000, "only " + plain.length);
      assertArrayEquals(again(plain), plain);
      assertEquals(trace, Body.read(write(writer, trace)).trace());
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
