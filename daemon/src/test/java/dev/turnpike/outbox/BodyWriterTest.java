package dev.turnpike.outbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class BodyWriterTest {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern NUMBERED = Pattern.compile("\"text\":\\d+");

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
  void partsAreWrittenAsIfEachWereWrittenAlone() throws IOException {
    partsAreWhole(Traces.turn(1, 120, 9_000));
    partsAreWhole(repeating(300));
  }

  private static void partsAreWhole(Trace trace) throws IOException {
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
        assertEquals(part.trace(), Body.read(part.body()).trace());
      }
    }
  }

  @Test
  void textsThatComeAgainInALongTrace() throws IOException {
    Trace trace = repeating(1_200);
    try (var writer = new BodyWriter()) {
      byte[] plain = plain(write(writer, trace));
      assertTrue(plain.length > 2_000_000 && plain.length < 3_500_000, "it is " + plain.length);
      assertArrayEquals(again(plain), plain);
      Trace read = Body.read(write(writer, trace)).trace();
      assertEquals(trace, read);
      assertArrayEquals(write(writer, trace), write(writer, read), "which text is which is known");
    }
  }

  /** In a request each text is written out. */
  @Test
  void aTextCountsWhereverItStands() {
    List<Observation> all = repeating(8).observations();
    try (var writer = new BodyWriter()) {
      writer.begin(Samples.session(1), DestinationId.LOCAL, Traces.turn(1, 1, 1));
      for (Observation observation : all) {
        assertEquals(Traces.bytes(observation), writer.add(observation));
      }
    }
  }

  /** They have every text where it stands. */
  @Test
  void bodiesOfVersionOneAreReadToo() throws IOException {
    Trace trace = Traces.turn(1, 20, 500);
    String plain = new String(plain(write(new BodyWriter(), trace)), StandardCharsets.UTF_8);
    assertTrue(plain.startsWith("{\"v\":2,"), "another version");
    assertFalse(NUMBERED.matcher(plain).find(), "a text was named by its number");
    assertEquals(trace, Body.read(zipped(plain.replaceFirst("2", "1"))).trace());
  }

  @Test
  void aNumberWithoutATextIsDamage() throws IOException {
    Trace trace = repeating(60);
    String plain =
        new String(
            plain(new BodyWriter().write(Samples.session(1), DestinationId.LOCAL, trace)),
            StandardCharsets.UTF_8);
    for (String number : List.of("-1", "100000", "4294967296", "1.5")) {
      byte[] damaged = zipped(NUMBERED.matcher(plain).replaceFirst("\"text\":" + number));
      assertThrows(IOException.class, () -> Body.read(damaged), number);
    }
  }

  /** Texts that come again soon, late, and never. */
  private static Trace repeating(int count) {
    var texts = new ArrayList<String>();
    for (int n = 0; n < 400; n++) {
      texts.add("%d \"total\" ü%s\n".formatted(n, n % 3 == 0 ? "→" : "").repeat(20 + n));
    }
    var observations = new ArrayList<Observation>();
    Frame frame = Traces.turn(1, 1, 1).observations().getLast().frame();
    for (int n = 0; n < count; n++) {
      var content = new Content.Text(ContentKind.TOOL_OUTPUT, texts.get(n * 7 % 400));
      var soon = new Content.Text(ContentKind.TOOL_OUTPUT, texts.get(Math.max(0, n - 3) * 7 % 400));
      observations.add(new Observation.ToolCall(frame, "toolu_" + n, soon, content));
    }
    return new Trace(Traces.id(1), Traces.turn(1, 1, 1).context(), observations);
  }

  private static byte[] zipped(String plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
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
