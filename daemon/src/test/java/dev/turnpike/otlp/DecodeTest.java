package dev.turnpike.otlp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.TraceId;
import dev.turnpike.otlp.OtlpTraces.Encoding;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What the official classes write is what we read, and nothing a stranger sends does harm. */
final class DecodeTest {
  private static final String TRACE = "0d790dbb58164a8c084ac8ca3f78ef8c";
  private static final String SPAN = "09d55557e4993534";
  private static final Path VSCODE = Path.of("../fixtures/copilot/vscode-constructed/otlp");

  private static Decoded decode(byte[] body, Encoding encoding) throws Exception {
    return OtlpTraces.decode(new ByteArrayInputStream(body), encoding, false, OtlpLimits.STANDARD);
  }

  private static Decoded json(String text) throws Exception {
    return decode(text.getBytes(StandardCharsets.UTF_8), Encoding.JSON);
  }

  private static ByteString hex(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static KeyValue pair(String key, AnyValue.Builder value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static ExportTraceServiceRequest official() {
    AnyValue.Builder text = AnyValue.newBuilder().setStringValue("ä 😀");
    var span =
        io.opentelemetry.proto.trace.v1.Span.newBuilder()
            .setTraceId(hex(TRACE))
            .setSpanId(hex(SPAN))
            .setParentSpanId(hex("1f40f21aae07d63f"))
            .setTraceState("a=b")
            .setFlags(257)
            .setName("chat gpt-5")
            .setKind(io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CLIENT)
            .setStartTimeUnixNano(1_795_179_695_425_000_001L)
            .setEndTimeUnixNano(1_795_179_695_474_999_999L)
            .addAttributes(pair("text", text))
            .addAttributes(pair("no", AnyValue.newBuilder().setBoolValue(false)))
            .addAttributes(pair("n", AnyValue.newBuilder().setIntValue(-9_007_199_254_740_993L)))
            .addAttributes(pair("d", AnyValue.newBuilder().setDoubleValue(0.1)))
            .addAttributes(
                pair(
                    "list",
                    AnyValue.newBuilder()
                        .setArrayValue(ArrayValue.newBuilder().addValues(text.build()))))
            .addAttributes(
                pair(
                    "map",
                    AnyValue.newBuilder()
                        .setKvlistValue(
                            KeyValueList.newBuilder()
                                .addValues(pair("k", AnyValue.newBuilder().setIntValue(7))))))
            .addAttributes(pair("bytes", AnyValue.newBuilder().setBytesValue(hex("00ff"))))
            .addEvents(
                io.opentelemetry.proto.trace.v1.Span.Event.newBuilder()
                    .setTimeUnixNano(1_795_179_695_430_000_000L)
                    .setName("happened")
                    .addAttributes(pair("why", text)))
            .setStatus(
                Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR).setMessage("bad"))
            .build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(
                    Resource.newBuilder()
                        .addAttributes(
                            pair("service.name", AnyValue.newBuilder().setStringValue("svc"))))
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .setScope(InstrumentationScope.newBuilder().setName("s").setVersion("1"))
                        .addSpans(span)))
        .build();
  }

  @Test
  void readsWhatTheOfficialClassesWrite() throws Exception {
    Decoded decoded = decode(official().toByteArray(), Encoding.PROTOBUF);
    assertEquals(0, decoded.rejected());
    SpanBatch batch = decoded.batches().getFirst();
    assertEquals(
        new Source(Map.of("service.name", new Value.Text("svc")), "s", "1"), batch.source());
    Span span = batch.spans().getFirst();
    assertEquals(TRACE, span.trace().hex());
    assertEquals(SPAN, span.id().hex());
    assertEquals("1f40f21aae07d63f", String.valueOf(span.parent()));
    assertEquals("chat gpt-5", span.name());
    assertEquals(3, span.kind());
    assertEquals(Instant.parse("2026-11-20T13:01:35.425000001Z"), span.start());
    assertEquals(Instant.parse("2026-11-20T13:01:35.474999999Z"), span.end());
    var text = new Value.Text("ä 😀");
    assertEquals(
        Map.of(
            "text", text,
            "no", new Value.Bool(false),
            "n", new Value.Int(-9_007_199_254_740_993L),
            "d", new Value.Real(0.1),
            "list", new Value.Items(List.of(text)),
            "map", new Value.Fields(Map.of("k", new Value.Int(7))),
            "bytes", new Value.Text("AP8=")),
        span.attributes());
    assertEquals(
        List.of(
            new Span.Happening(
                "happened", Instant.parse("2026-11-20T13:01:35.43Z"), Map.of("why", text))),
        span.events());
    assertTrue(span.failed());
    assertEquals("bad", span.statusMessage());
  }

  @Test
  void whatIsWrittenForTheInboxIsReadAgainUnchanged() throws Exception {
    List<SpanBatch> batches = decode(official().toByteArray(), Encoding.PROTOBUF).batches();
    var head = new SpanEnvelope.Head(new SessionId("one"), new TraceId(TRACE), true);
    byte[] written = SpanEnvelope.write(head, batches, key -> true);
    assertEquals(batches, SpanEnvelope.read(new ByteArrayInputStream(written)));
    assertEquals(head, SpanEnvelope.head(new ByteArrayInputStream(written)).orElseThrow());
    byte[] without = SpanEnvelope.write(head, batches, key -> !key.equals("map"));
    assertTrue(
        !SpanEnvelope.read(new ByteArrayInputStream(without))
            .getFirst()
            .spans()
            .getFirst()
            .has("map"));
  }

  @Test
  void bothEncodingsOfTheSameSpansAreTheSame() throws Exception {
    for (int n = 1; n <= 3; n++) {
      byte[] json = Files.readAllBytes(VSCODE.resolve("000" + n + "-traces-json.body"));
      byte[] proto = Files.readAllBytes(VSCODE.resolve("000" + (n + 3) + "-traces-protobuf.body"));
      assertEquals(
          decode(json, Encoding.JSON).batches(), decode(proto, Encoding.PROTOBUF).batches());
    }
  }

  @Test
  void everyDialectOfJsonIsRead() throws Exception {
    String camel =
        """
        {"unknown":{"a":[1,{}]},"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"x"}}]},
         "scopeSpans":[{"scope":{"name":"s"},"spans":[{"traceId":"%s","spanId":"%s","parentSpanId":"","name":"n","kind":"SPAN_KIND_CLIENT",
         "startTimeUnixNano":"1795179695425000001","endTimeUnixNano":1795179695474999999,
         "attributes":[{"key":"n","value":{"intValue":"9200"}},{"key":"m","value":{"intValue":9200}},{"key":"e","value":{}}],
         "status":{"code":"STATUS_CODE_ERROR"},"entityRefs":[]}]}]}]}
        """
            .formatted(TRACE.toUpperCase(java.util.Locale.ROOT), SPAN);
    Decoded wanted = json(camel);
    Span span = wanted.batches().getFirst().spans().getFirst();
    assertEquals(TRACE, span.trace().hex());
    assertEquals(9200, span.whole("n").orElseThrow());
    assertEquals(9200, span.whole("m").orElseThrow());
    assertEquals(Value.empty(), span.attributes().get("e"));
    assertEquals(3, span.kind());
    assertEquals(2, span.status());
    assertEquals(Instant.parse("2026-11-20T13:01:35.425000001Z"), span.start());
    String snake = camel;
    String pascal = camel;
    for (String name :
        List.of(
            "resourceSpans",
            "scopeSpans",
            "traceId",
            "spanId",
            "parentSpanId",
            "stringValue",
            "startTimeUnixNano",
            "endTimeUnixNano",
            "intValue")) {
      String lower = name.replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
      String upper = name.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + name.substring(1);
      snake = snake.replace('"' + name + '"', '"' + lower + '"');
      pascal = pascal.replace('"' + name + '"', '"' + upper + '"');
    }
    assertEquals(wanted, json(snake));
    assertEquals(wanted, json(pascal));
  }

  @Test
  void aBadSpanIsLeftOutAlone() throws Exception {
    String span =
        "{\"traceId\":\"%s\",\"spanId\":\"%s\",\"parentSpanId\":\"%s\",\"startTimeUnixNano\":\"%s\"}";
    String good = span.formatted(TRACE, SPAN, "", "5");
    String all =
        String.join(
            ",",
            good,
            span.formatted("", SPAN, "", "5"),
            span.formatted("0".repeat(32), SPAN, "", "5"),
            span.formatted(TRACE, "xyz", "", "5"),
            span.formatted(TRACE, SPAN, "12", "5"),
            span.formatted(TRACE, SPAN, "", "never"),
            span.formatted(TRACE, SPAN, "", ""));
    Decoded decoded = json("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + all + "]}]}]}");
    assertEquals(1, decoded.batches().getFirst().spans().size());
    assertEquals(6, decoded.rejected());
    assertEquals(
        Map.of(
            "otlp.span.trace-id", 2L,
            "otlp.span.span-id", 1L,
            "otlp.span.parent-id", 1L,
            "otlp.span.time", 2L),
        decoded.shortfalls());
  }

  @Test
  void nothingToReadIsNoMistake() throws Exception {
    assertEquals(List.of(), json("{}").batches());
    assertEquals(List.of(), json("{\"resourceSpans\":null}").batches());
    assertEquals(List.of(), decode(new byte[0], Encoding.PROTOBUF).batches());
  }

  @Test
  void aBodyCutAnywhereIsRefusedOrReadInPart() throws Exception {
    byte[] proto = official().toByteArray();
    byte[] text = Files.readAllBytes(VSCODE.resolve("0001-traces-json.body"));
    for (int n = 0; n < proto.length; n++) {
      tryCut(Arrays.copyOf(proto, n), Encoding.PROTOBUF);
    }
    for (int n = 0; n < text.length - 2; n += 7) {
      byte[] cut = Arrays.copyOf(text, n);
      assertThrows(Undecodable.class, () -> decode(cut, Encoding.JSON));
    }
    var random = new java.util.Random(3);
    for (int n = 0; n < 5000; n++) {
      byte[] spoiled = proto.clone();
      spoiled[random.nextInt(spoiled.length)] = (byte) random.nextInt();
      tryCut(spoiled, Encoding.PROTOBUF);
    }
  }

  private static void tryCut(byte[] body, Encoding encoding) throws Exception {
    try {
      decode(body, encoding);
    } catch (Undecodable e) {
      assertTrue(String.valueOf(e.getMessage()).startsWith("not a trace export"));
    }
  }

  @Test
  void compressedBodiesAreReadWithinTheLimit() throws Exception {
    byte[] body = official().toByteArray();
    var in = new ByteArrayInputStream(zipped(body));
    assertEquals(
        decode(body, Encoding.PROTOBUF),
        OtlpTraces.decode(in, Encoding.PROTOBUF, true, OtlpLimits.STANDARD));
    byte[] bomb = zipped(new byte[OtlpLimits.STANDARD.bytes() + 1]);
    assertTrue(bomb.length < 100_000);
    for (byte[] bad : List.of(bomb, body, Arrays.copyOf(zipped(body), 30))) {
      assertThrows(
          Undecodable.class,
          () ->
              OtlpTraces.decode(
                  new ByteArrayInputStream(bad), Encoding.PROTOBUF, true, OtlpLimits.STANDARD));
    }
  }

  private static byte[] zipped(byte[] plain) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(out)) {
      zip.write(plain);
    }
    return out.toByteArray();
  }

  @Test
  void whatIsBeyondALimitIsLeftOutAndCounted() throws Exception {
    var small = new OtlpLimits(1 << 20, 1, 2, 1, 3, 1);
    String span =
        """
        {"traceId":"%s","spanId":"%s","startTimeUnixNano":"5","events":[{"name":"a"},{"name":"b"}],"attributes":[
         {"key":"a","value":{"stringValue":"12345"}},{"key":"b","value":{"arrayValue":{"values":[{"arrayValue":{"values":[]}}]}}},{"key":"c","value":{}}]}\
        """
            .formatted(TRACE, SPAN);
    String body =
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + span + "," + span + "]}]}]}";
    Tally tally = new Tally(new OtlpLimits(1 << 20, 1, 2, 1, 100, 1));
    assertEquals("123", new Tally(small).cut("12345"));
    try (var parser = new com.fasterxml.jackson.core.JsonFactory().createParser(body)) {
      assertEquals(1, JsonTraces.read(parser, tally).getFirst().spans().size());
    }
    assertEquals(
        Map.of(
            "otlp.span.too-many", 1L,
            "otlp.event.too-many", 2L,
            "otlp.attribute.too-many", 2L,
            "otlp.value.too-deep", 2L),
        tally.shortfalls());
  }
}
