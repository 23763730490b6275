package dev.turnpike.outbox;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a body file holds, gzip level 1: {@code
 * {"v":1,"agent":"claude-code","session":"a4b1...","trace":{...}}}. It says whose it is, so that a
 * body can be queued again, or found, without the journal.
 */
record Body(SessionKey session, DestinationId destination, Trace trace) {
  /**
   * Half a surrogate pair is no UTF-8, but may stand in what agents write: escaped, it survives.
   */
  static final int LAST_BEFORE_SURROGATES = 0xD7FF;

  private static final JsonFactory JSON = new JsonFactory();

  private static final byte[] END = "]}}".getBytes(StandardCharsets.US_ASCII);

  private static final class FastGzip extends GZIPOutputStream {
    private static final int BUFFER_BYTES = 8192;

    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER_BYTES);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  byte[] compress() {
    return compress(session, destination, Portion.of(trace));
  }

  /** What the file holds. The same content gives the same bytes: gzip's head has no time in it. */
  static byte[] compress(SessionKey session, DestinationId destination, Portion part) {
    int plain = part.encoded().stream().mapToInt(one -> one.length).sum();
    var bytes = new ByteArrayOutputStream(plain / 4 + 1024);
    try (var gzip = new FastGzip(bytes)) {
      gzip.write(head(session, destination, part.trace()));
      boolean first = true;
      for (byte[] observation : part.encoded()) {
        if (!first) {
          gzip.write(',');
        }
        first = false;
        gzip.write(observation);
      }
      gzip.write(END);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** Everything before the first observation. */
  private static byte[] head(SessionKey session, DestinationId destination, Trace trace)
      throws IOException {
    var bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.setHighestNonEscapedChar(LAST_BEFORE_SURROGATES);
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
      json.writeStartObject();
      json.writeNumberField("v", 1);
      json.writeStringField("agent", session.agent().value());
      json.writeStringField("session", session.session().value());
      json.writeStringField("destination", destination.value());
      json.writeFieldName("trace");
      TraceJson.begin(json, trace);
    }
    return bytes.toByteArray();
  }

  static Body read(byte[] compressed) throws IOException {
    AgentId agent = null;
    SessionId session = null;
    DestinationId destination = null;
    Trace trace = null;
    try (var gzip = new GZIPInputStream(new ByteArrayInputStream(compressed));
        JsonParser json = JSON.createParser(gzip)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "agent" -> agent = new AgentId(json.getText());
          case "session" -> session = new SessionId(json.getText());
          case "destination" -> destination = new DestinationId(json.getText());
          case "trace" -> trace = TraceJsonReader.read(json);
          default -> json.skipChildren();
        }
      }
      if (json.nextToken() != null) { // also reads gzip's own checksum
        throw new IOException("something follows the body");
      }
      return new Body(
          new SessionKey(present(agent), present(session)), present(destination), present(trace));
    } catch (IllegalArgumentException e) {
      throw new IOException("not a body of ours: " + e.getMessage(), e);
    }
  }

  private static <T> T present(@Nullable T value) throws IOException {
    if (value == null) {
      throw new IOException("a body without agent, session, destination or trace");
    }
    return value;
  }
}
