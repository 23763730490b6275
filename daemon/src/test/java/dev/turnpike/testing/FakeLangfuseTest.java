package dev.turnpike.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The stand-in must notice what the real server swallows, or the tests that rest on it prove
 * nothing.
 */
class FakeLangfuseTest {
  private final FakeLangfuse langfuse = FakeLangfuse.start(Mode.EVENTS_ONLY);

  @AfterEach
  void stop() {
    langfuse.close();
  }

  @Test
  void spanWithoutContextAndWithUpperCaseTypeIsWarnedOf() throws Exception {
    post(span(1, 0, 1000, "langfuse.observation.type", "AGENT"));
    assertTrue(warned("span-without-session-or-user"), langfuse.warnings()::toString);
    assertTrue(warned("unknown-observation-type AGENT"), langfuse.warnings()::toString);
    assertTrue(warned("odd-sdk-name"), langfuse.warnings()::toString);
    assertTrue(warned("no-ingestion-version-4"), langfuse.warnings()::toString);
  }

  @Test
  void repeatsAreToldFromSecondVersions() throws Exception {
    post(span(1, 0, 1000));
    post(span(1, 0, 1000));
    assertEquals(1, langfuse.duplicates());
    assertEquals(0, langfuse.divergentDuplicates());
    post(span(1, 0, 2_000_000));
    assertEquals(1, langfuse.divergentDuplicates());
    assertEquals(3, langfuse.rows().size());
  }

  @Test
  void secondRootAndOrphanAreFound() throws Exception {
    post(span(1, 0, 1000), span(2, 0, 1000), span(3, 9, 1000));
    assertEquals(2, langfuse.onlyTrace().rootIds().size());
    assertEquals(List.of("0000000000000003"), langfuse.onlyTrace().orphans());
    assertThrows(AssertionError.class, langfuse::assertClean);
  }

  @Test
  void structuredAttributesMustBeJsonObjects() throws Exception {
    post(span(1, 0, 1000, "langfuse.observation.usage_details", "[1]"));
    assertTrue(warned("attribute-not-json-object"));
  }

  @Test
  void waitingInVainFailsAndSaysWhatThereIs() throws Exception {
    post(span(1, 0, 1000));
    var failure =
        assertThrows(AssertionError.class, () -> langfuse.awaitSpans(2, Duration.ofMillis(1)));
    assertTrue(failure.getMessage().contains("have 1 spans"), failure.getMessage());
  }

  @Test
  void classicIsRefusedEventByEventWhereItIsOff() throws Exception {
    String body =
        "{\"batch\":[{\"id\":\"e1\",\"type\":\"trace-create\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"body\":{\"id\":\"t1\"}}]}";
    var answer =
        send("/api/public/ingestion", "application/json", body.getBytes(StandardCharsets.UTF_8));
    assertEquals(207, answer.statusCode());
    assertTrue(answer.body().contains("Event type not accepted"));
    assertEquals(List.of(), langfuse.traces());
  }

  private boolean warned(String start) {
    return langfuse.warnings().stream().anyMatch(warning -> warning.startsWith(start));
  }

  private void post(Span... spans) throws Exception {
    var request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(List.of(spans))))
            .build();
    assertEquals(
        200,
        send("/api/public/otel/v1/traces", "application/x-protobuf", request.toByteArray())
            .statusCode());
  }

  private HttpResponse<String> send(String path, String type, byte[] body)
      throws IOException, InterruptedException {
    String login =
        Base64.getEncoder()
            .encodeToString(
                (langfuse.publicKey() + ":" + langfuse.secretKey())
                    .getBytes(StandardCharsets.UTF_8));
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(langfuse.url() + path))
              .version(HttpClient.Version.HTTP_1_1)
              .header("Authorization", "Basic " + login)
              .header("Content-Type", type)
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static Span span(int id, int parent, long startNanos, String... attributes) {
    var span =
        Span.newBuilder()
            .setTraceId(bytes("0".repeat(31) + "1"))
            .setSpanId(bytes("%016x".formatted(id)))
            .setName("n")
            .setStartTimeUnixNano(startNanos)
            .setEndTimeUnixNano(startNanos);
    if (parent > 0) {
      span.setParentSpanId(bytes("%016x".formatted(parent)));
    }
    for (int i = 0; i < attributes.length; i += 2) {
      span.addAttributes(
          KeyValue.newBuilder()
              .setKey(attributes[i])
              .setValue(AnyValue.newBuilder().setStringValue(attributes[i + 1])));
    }
    return span.build();
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }
}
