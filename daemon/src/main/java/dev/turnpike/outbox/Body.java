package dev.turnpike.outbox;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a body file holds, gzip level 1: {@code
 * {"v":2,"agent":"claude-code","session":"a4b1...","trace":{...}}}. It says whose it is, so that a
 * body can be queued again, or found, without the journal. Bodies of version 1 name no text by its
 * number ({@link TraceJson}), and are read as they are.
 */
record Body(SessionKey session, DestinationId destination, Trace trace) {
  /**
   * Half a surrogate pair is no UTF-8, but may stand in what agents write: escaped, it survives.
   */
  static final int LAST_BEFORE_SURROGATES = 0xD7FF;

  private static final JsonFactory JSON = new JsonFactory();

  byte[] compress() {
    try (var writer = new BodyWriter()) {
      return writer.write(session, destination, trace);
    }
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
