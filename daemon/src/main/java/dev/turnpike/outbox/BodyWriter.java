package dev.turnpike.outbox;

import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.Trace;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes bodies, one observation after the other. What is written is compressed as it goes, so that
 * no large body is ever plain as a whole. For one thread at a time; to be used again, since its
 * buffers cost more than a small body.
 */
final class BodyWriter implements AutoCloseable {
  /**
   * So much of what was written last stays plain at least, and so much at most. A text that comes
   * again is copied from there: a trace has its model calls first, and what they were told of its
   * tools' results once more behind them.
   */
  private static final int LEAST_PLAIN_BYTES = 1280 * 1024;

  private static final int MOST_PLAIN_BYTES = 1472 * 1024;

  private static final byte[] END = "]}}".getBytes(StandardCharsets.US_ASCII);

  private final JsonWriter json = new JsonWriter();
  private final Gzip gzip = new Gzip();

  private byte[] head = new byte[0];

  /** From here on nothing was compressed yet. */
  private int open;

  /** Where the last observation begins, and a comma before it if it is not a body's first. */
  private int last;

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
    json.number("v", 1);
    json.string("agent", session.agent().value());
    json.string("session", session.session().value());
    json.string("destination", destination.value());
    json.name("trace");
    TraceJson.begin(json, trace);
    head = Arrays.copyOf(json.bytes(), json.length());
    json.reset();
    open = 0;
    last = 0;
    gzip.begin();
    gzip.write(head, 0, head.length);
  }

  /** Returns how many bytes it takes by itself. */
  int add(Observation observation) {
    if (json.length() >= MOST_PLAIN_BYTES) {
      compress(json.length());
      json.keepLast(LEAST_PLAIN_BYTES);
      open = json.length();
    }
    last = json.length();
    TraceJson.observation(json, observation);
    return json.length() - beginOfLast();
  }

  /** The body, compressed. */
  byte[] end() {
    compress(json.length());
    gzip.write(END, 0, END.length);
    // what is kept for the next body must not keep the texts of this one
    json.reset();
    return gzip.end();
  }

  /** The body without the last observation, which is the first one of another body from here on. */
  byte[] endBeforeLast() {
    compress(last);
    gzip.write(END, 0, END.length);
    byte[] body = gzip.end();
    open = beginOfLast();
    gzip.begin();
    gzip.write(head, 0, head.length);
    return body;
  }

  private int beginOfLast() {
    return json.bytes()[last] == ',' ? last + 1 : last;
  }

  private void compress(int end) {
    gzip.write(json.bytes(), open, end - open);
    open = end;
  }

  @Override
  public void close() {
    gzip.close();
  }
}
