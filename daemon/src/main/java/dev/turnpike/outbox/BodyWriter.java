package dev.turnpike.outbox;

import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes bodies, one observation after the other. What is written is compressed as it goes, so that
 * no large body is ever plain as a whole. For one thread at a time; to be used again, since its
 * buffers cost more than a small body.
 */
final class BodyWriter implements AutoCloseable {
  /** So much is written before it is compressed. */
  private static final int LEAST_COMPRESSED_BYTES = 64 * 1024;

  private static final int VERSION = 2;

  private static final byte[] END = "]}}".getBytes(StandardCharsets.US_ASCII);

  private final JsonWriter json = new JsonWriter();
  private final Gzip gzip = new Gzip();

  private byte[] head = new byte[0];

  /** Where the last observation begins, and a comma before it if it is not a body's first. */
  private int last;

  private @Nullable Observation latest;

  /** A whole body. */
  byte[] write(SessionKey session, DestinationId destination, Trace trace) {
    begin(session, destination, trace);
    for (Observation observation : trace.observations()) {
      add(observation);
    }
    return end();
  }

  /**
   * @param trace whose id and context are in this body, and in what {@link #endBeforeLast} makes of
   *     it
   */
  void begin(SessionKey session, DestinationId destination, Trace trace) {
    json.reset();
    json.beginObject();
    json.number("v", VERSION);
    json.string("agent", session.agent().value());
    json.string("session", session.session().value());
    json.string("destination", destination.value());
    json.name("trace");
    TraceJson.begin(json, trace);
    head = Arrays.copyOf(json.bytes(), json.length());
    beginBody();
  }

  private void beginBody() {
    json.reset();
    gzip.begin();
    gzip.write(head, 0, head.length);
  }

  /** Returns how many bytes it takes by itself, with all of its texts. */
  long add(Observation observation) {
    if (json.length() >= LEAST_COMPRESSED_BYTES) {
      gzip.write(json.bytes(), 0, json.length());
      json.taken();
    }
    long spared = json.sparedBytes();
    last = json.length();
    latest = observation;
    TraceJson.observation(json, observation);
    int comma = json.bytes()[last] == ',' ? 1 : 0;
    return json.length() - last - comma + json.sparedBytes() - spared;
  }

  /** The body, compressed. */
  byte[] end() {
    byte[] body = end(json.length());
    // what is kept for the next body must not keep the texts of this one
    json.reset();
    latest = null;
    return body;
  }

  /** The body without the last observation, which is the first one of another body from here on. */
  byte[] endBeforeLast() {
    byte[] body = end(last);
    beginBody();
    // written anew: it may name texts of the body that is over
    last = 0;
    TraceJson.observation(json, Objects.requireNonNull(latest, "no observation was added"));
    return body;
  }

  private byte[] end(int length) {
    gzip.write(json.bytes(), 0, length);
    gzip.write(END, 0, END.length);
    return gzip.end();
  }

  @Override
  public void close() {
    gzip.close();
  }
}
