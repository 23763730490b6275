package dev.turnpike.outbox;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.turnpike.model.Observation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Observations as they stand in a body, one after the other: about what they take in a request,
 * too. One for a trace, since its buffers cost more than most observations.
 */
final class Encoder {
  private static final JsonFactory JSON = new JsonFactoryBuilder().rootValueSeparator("").build();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
  private final JsonGenerator json;

  Encoder() {
    try {
      json = JSON.createGenerator(bytes);
    } catch (IOException e) {
      throw inMemory(e);
    }
    json.setHighestNonEscapedChar(Body.LAST_BEFORE_SURROGATES);
  }

  static List<byte[]> encode(List<Observation> observations) {
    var encoder = new Encoder();
    return observations.stream().map(encoder::encode).toList();
  }

  byte[] encode(Observation observation) {
    bytes.reset();
    try {
      TraceJson.observation(json, observation);
      json.flush();
    } catch (IOException e) {
      throw inMemory(e);
    }
    return bytes.toByteArray();
  }

  private static UncheckedIOException inMemory(IOException e) {
    return new UncheckedIOException("writing to memory", e);
  }
}
