package dev.turnpike.export;

import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.TraceId;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * An {@code ExportTraceServiceRequest} of one trace, encoded by hand (a third faster than generated
 * code, and no library).
 *
 * <pre>
 *   request { resource_spans=1 { resource=1 { attributes=1 }, scope_spans=2 { scope=1 { name=1 version=2 }, spans=2 } } }
 *   span    { trace_id=1 span_id=2 parent_span_id=4 name=5 kind=6 start=7 end=8 attributes=9 status=15 }
 * </pre>
 *
 * @param common attributes of every span; encoded once and copied
 */
public record OtlpTraces(
    List<Attribute> resource,
    String scopeName,
    String scopeVersion,
    TraceId trace,
    List<Attribute> common,
    List<OtlpSpan> spans) {
  private static final int KIND_INTERNAL = 1;
  private static final int STATUS_ERROR = 2;
  private static final int TYPICAL_SPAN_BYTES = 2048;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final Instant EARLIEST = Instant.EPOCH;
  private static final Instant LATEST =
      Instant.ofEpochSecond(Long.MAX_VALUE / NANOS_PER_SECOND - 1);

  public OtlpTraces {
    resource = List.copyOf(resource);
    common = List.copyOf(common);
    spans = List.copyOf(spans);
  }

  /** Protobuf, not compressed. Equal input gives equal bytes. */
  public byte[] encode() {
    byte[] shared = encodedCommon();
    byte[] traceId = HexFormat.of().parseHex(trace.hex());
    var out = new ProtoWriter(Math.max(1024, spans.size() * (shared.length + TYPICAL_SPAN_BYTES)));
    int end = out.mark();
    for (OtlpSpan span : spans.reversed()) {
      span(out, span, traceId, shared);
    }
    int scope = out.mark();
    out.text(2, scopeVersion);
    out.text(1, scopeName);
    out.message(1, scope);
    out.message(2, end);
    int resourceEnd = out.mark();
    attributes(out, 1, resource);
    out.message(1, resourceEnd);
    out.message(1, end);
    return out.toBytes();
  }

  private byte[] encodedCommon() {
    var out = new ProtoWriter(1024);
    attributes(out, 9, common);
    return out.toBytes();
  }

  private static void span(ProtoWriter out, OtlpSpan span, byte[] traceId, byte[] shared) {
    Frame frame = span.frame();
    int end = out.mark();
    if (frame.level() == Level.ERROR) {
      int status = out.mark();
      out.number(3, STATUS_ERROR);
      String message = frame.statusMessage();
      out.text(2, message == null ? "" : message);
      out.message(15, status);
    }
    attributes(out, 9, span.attributes());
    out.raw(shared);
    out.fixed64(8, nanos(frame.end()));
    out.fixed64(7, nanos(frame.start()));
    out.number(6, KIND_INTERNAL);
    out.text(5, frame.name());
    var parent = frame.parent();
    if (parent != null) {
      out.bytes(4, HexFormat.of().parseHex(parent.hex()));
    }
    out.bytes(2, HexFormat.of().parseHex(frame.id().hex()));
    out.bytes(1, traceId);
    out.message(2, end);
  }

  private static void attributes(ProtoWriter out, int field, List<Attribute> attributes) {
    for (Attribute attribute : attributes.reversed()) {
      int end = out.mark();
      switch (attribute) {
        case Attribute.Text text -> out.textAlways(1, text.value());
        case Attribute.Texts texts -> {
          int array = out.mark();
          for (String value : texts.values().reversed()) {
            int element = out.mark();
            out.textAlways(1, value);
            out.message(1, element);
          }
          out.message(5, array);
        }
      }
      out.message(2, end);
      out.text(1, attribute.key());
      out.message(field, end);
    }
  }

  /**
   * Nanoseconds since 1970; a time that does not fit (a broken transcript) is moved to the nearest
   * that does.
   */
  private static long nanos(Instant time) {
    Instant fitting = time.isBefore(EARLIEST) ? EARLIEST : time.isAfter(LATEST) ? LATEST : time;
    return fitting.getEpochSecond() * NANOS_PER_SECOND + fitting.getNano();
  }
}
