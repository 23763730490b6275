package dev.turnpike.otlp;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.TraceId;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The body of an event that holds spans of one trace: what the receiver writes and an adapter
 * reads. It is OTLP's own JSON with three fields in front, so that what the event is about can be
 * told without reading it all.
 *
 * <pre>
 *   {"session":"22252e8d-...","trace":"0d790dbb...","root":true,"resourceSpans":[...]}
 * </pre>
 */
public final class SpanEnvelope {
  /** What {@code Caller.eventName} of such an event is. */
  public static final String EVENT_NAME = "otlp.spans";

  private static final JsonFactory JSON = new JsonFactory();
  private static final int FIELDS = 3;

  /** Adapters read what was checked before, so this bounds nothing that is valid. */
  private static final OtlpLimits READING =
      new OtlpLimits(64 << 20, 100_000, 1_000, 1_000, 10_000_000, 32);

  /**
   * @param root whether a span without a parent is among them, which ends last
   */
  public record Head(SessionId session, TraceId trace, boolean root) {}

  private SpanEnvelope() {}

  /**
   * The same spans give the same bytes.
   *
   * @param keeps attributes to keep
   */
  public static byte[] write(Head head, List<SpanBatch> batches, Predicate<String> keeps) {
    return SpanJson.write(head, batches, keeps);
  }

  /** What the event is about; empty if it is none of these. Reads no further than needed. */
  public static Optional<Head> head(InputStream body) throws IOException {
    String session = "";
    String trace = "";
    boolean root = false;
    try (JsonParser in = JSON.createParser(body)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      for (int n = 0; n < FIELDS && in.nextToken() == JsonToken.FIELD_NAME; n++) {
        String name = in.currentName();
        JsonToken value = in.nextToken();
        switch (name) {
          case "session" -> session = in.getValueAsString("");
          case "trace" -> trace = in.getValueAsString("");
          case "root" -> root = value == JsonToken.VALUE_TRUE;
          default -> {
            return Optional.empty();
          }
        }
      }
      return SessionId.isWellFormed(session)
          ? Optional.of(new Head(new SessionId(session), new TraceId(trace), root))
          : Optional.empty();
    } catch (JacksonException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * @throws Undecodable if it is none of these
   */
  public static List<SpanBatch> read(InputStream body) throws IOException, Undecodable {
    return OtlpTraces.decode(body, OtlpTraces.Encoding.JSON, false, READING).batches();
  }
}
