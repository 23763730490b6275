package dev.turnpike.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class OtlpTracesTest {
  @Property(tries = 300)
  void bytesEqualThoseOfGeneratedCode(@ForAll("requests") OtlpTraces traces) {
    assertArrayEquals(judged(traces).toByteArray(), traces.encode());
  }

  @Test
  void largeRequestOutgrowsTheFirstBuffer() {
    var span =
        new OtlpSpan(
            SampleTraces.frame(new SpanId("00000000000000aa"), null, "n", 0, 1, Level.ERROR),
            List.of(new Attribute.Text("langfuse.observation.output", "ä€😀".repeat(200_000))));
    var traces =
        new OtlpTraces(
            List.of(), "s", "", new TraceId("0".repeat(31) + "1"), List.of(), List.of(span, span));
    assertArrayEquals(judged(traces).toByteArray(), traces.encode());
  }

  @Test
  void timesOutsideOfWhatFitsAreMovedInside() throws Exception {
    var frame =
        new Frame(
            new SpanId("00000000000000aa"),
            null,
            "n",
            Instant.MIN,
            Instant.MAX,
            Level.DEFAULT,
            null,
            Map.of());
    var traces =
        new OtlpTraces(
            List.of(),
            "s",
            "",
            new TraceId("0".repeat(31) + "1"),
            List.of(),
            List.of(new OtlpSpan(frame, List.of())));
    Span span =
        ExportTraceServiceRequest.parseFrom(traces.encode())
            .getResourceSpans(0)
            .getScopeSpans(0)
            .getSpans(0);
    assertEquals(0, span.getStartTimeUnixNano());
    assertEquals(
        2262,
        Instant.ofEpochSecond(0, span.getEndTimeUnixNano())
            .atZone(java.time.ZoneOffset.UTC)
            .getYear());
  }

  @Provide
  Arbitrary<OtlpTraces> requests() {
    return Combinators.combine(
            attributes(),
            text(),
            hex(32).map(TraceId::new),
            attributes(),
            spans().list().ofMaxSize(8))
        .as(
            (resource, scope, trace, common, spans) ->
                new OtlpTraces(resource, scope, "0.1.0", trace, common, spans));
  }

  private static Arbitrary<OtlpSpan> spans() {
    Arbitrary<Instant> times =
        Arbitraries.longs()
            .between(0, 4_000_000_000_000_000_000L)
            .map(n -> Instant.ofEpochSecond(0, n));
    return Combinators.combine(
            hex(16).map(SpanId::new),
            hex(16).map(SpanId::new).injectNull(0.3),
            text(),
            times,
            times,
            Arbitraries.of(Level.class),
            text().injectNull(0.3),
            attributes())
        .as(
            (id, parent, name, start, end, level, message, attributes) ->
                new OtlpSpan(
                    new Frame(id, parent, name, start, end, level, message, Map.of()), attributes));
  }

  private static Arbitrary<List<Attribute>> attributes() {
    Arbitrary<Attribute> single = Combinators.combine(text(), text()).as(Attribute.Text::new);
    Arbitrary<Attribute> several =
        Combinators.combine(text(), text().list().ofMaxSize(4)).as(Attribute.Texts::new);
    return Arbitraries.oneOf(single, several).list().ofMaxSize(5);
  }

  /** All characters, whole surrogate pairs and broken ones too. */
  private static Arbitrary<String> text() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ascii().ofMaxLength(200),
        Arbitraries.strings().all().ofMaxLength(60),
        Arbitraries.of(
            "", "ä", "€uro", "😀", "cut\ud83d", "\ude00cut", "\u0000", "\ud83d\ud83d\ude00"));
  }

  private static Arbitrary<String> hex(int digits) {
    return Arbitraries.strings()
        .withChars("0123456789abcdef")
        .ofLength(digits)
        .filter(text -> !text.matches("0+"));
  }

  private static ExportTraceServiceRequest judged(OtlpTraces traces) {
    var scope =
        ScopeSpans.newBuilder()
            .setScope(
                InstrumentationScope.newBuilder()
                    .setNameBytes(utf8(traces.scopeName()))
                    .setVersion(traces.scopeVersion()));
    for (OtlpSpan span : traces.spans()) {
      scope.addSpans(judged(span, traces));
    }
    var resource = Resource.newBuilder();
    traces.resource().forEach(attribute -> resource.addAttributes(judged(attribute)));
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(resource).addScopeSpans(scope))
        .build();
  }

  private static Span judged(OtlpSpan span, OtlpTraces traces) {
    Frame frame = span.frame();
    var built =
        Span.newBuilder()
            .setTraceId(bytes(traces.trace().hex()))
            .setSpanId(bytes(frame.id().hex()))
            .setNameBytes(utf8(frame.name()))
            .setKind(Span.SpanKind.SPAN_KIND_INTERNAL)
            .setStartTimeUnixNano(nanos(frame.start()))
            .setEndTimeUnixNano(nanos(frame.end()));
    var parent = frame.parent();
    if (parent != null) {
      built.setParentSpanId(bytes(parent.hex()));
    }
    traces.common().forEach(attribute -> built.addAttributes(judged(attribute)));
    span.attributes().forEach(attribute -> built.addAttributes(judged(attribute)));
    if (frame.level() == Level.ERROR) {
      var message = frame.statusMessage();
      built.setStatus(
          Status.newBuilder()
              .setCode(Status.StatusCode.STATUS_CODE_ERROR)
              .setMessageBytes(utf8(message == null ? "" : message)));
    }
    return built.build();
  }

  private static KeyValue judged(Attribute attribute) {
    var value =
        switch (attribute) {
          case Attribute.Text text -> text(text.value());
          case Attribute.Texts texts ->
              AnyValue.newBuilder()
                  .setArrayValue(
                      ArrayValue.newBuilder()
                          .addAllValues(texts.values().stream().map(OtlpTracesTest::text).toList()))
                  .build();
        };
    return KeyValue.newBuilder().setKeyBytes(utf8(attribute.key())).setValue(value).build();
  }

  private static AnyValue text(String value) {
    return AnyValue.newBuilder().setStringValueBytes(utf8(value)).build();
  }

  /**
   * What Java makes of broken surrogates: generated code would leave the choice to the library's
   * version.
   */
  private static ByteString utf8(String text) {
    return ByteString.copyFrom(text, java.nio.charset.StandardCharsets.UTF_8);
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }
}
