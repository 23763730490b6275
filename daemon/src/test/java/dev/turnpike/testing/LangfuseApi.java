package dev.turnpike.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.turnpike.testing.LoopbackServer.Exchange;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Langfuse's routes and what lies behind them. Not thread-safe: {@link FakeLangfuse} holds its lock
 * around every call.
 */
final class LangfuseApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_CLASSIC_BYTES = 4_718_592;

  private final List<String> warnings = new ArrayList<>();
  private final StoredRows stored = new StoredRows();
  private Mode mode;
  private ClassicRows classic;
  private boolean tellsVersion = true;
  private String publicKey = "pk-lf-test";
  private String secretKey = "sk-lf-test";
  private long limitOtlpBytes = Long.MAX_VALUE;

  LangfuseApi(Mode mode) {
    this.mode = mode;
    this.classic = new ClassicRows(mode, warnings::add);
  }

  void become(Mode other) {
    var before = classic;
    mode = other;
    classic = new ClassicRows(other, warnings::add);
    classic.traces().putAll(before.traces());
  }

  void hideVersion() {
    tellsVersion = false;
  }

  void keys(String newPublicKey, String newSecretKey) {
    publicKey = newPublicKey;
    secretKey = newSecretKey;
  }

  void limitOtlpBytes(long bytes) {
    limitOtlpBytes = bytes;
  }

  String publicKey() {
    return publicKey;
  }

  String secretKey() {
    return secretKey;
  }

  StoredRows stored() {
    return stored;
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  List<LangfuseTrace> traces() {
    var all = new ArrayList<>(TraceViews.ofOtlp(stored.rows()));
    all.addAll(classic.views(stored.rows()));
    return all;
  }

  /** Answers a request; {@code number} is its place among all that came. */
  Reply serve(Exchange exchange, byte[] body, Optional<Fault> fault, int number) {
    String path = exchange.path;
    if (path.equals("/api/public/health")) {
      return Reply.json(
          200,
          tellsVersion
              ? "{\"status\":\"OK\",\"version\":\"" + mode.version() + "\"}"
              : "{\"status\":\"OK\"}");
    }
    if (path.equals("/api/public/ingestion") && body.length > LIMIT_CLASSIC_BYTES) {
      return Reply.text(413, "Body exceeded 4.5mb limit");
    }
    Optional<Reply> refused = refused(exchange);
    if (refused.isPresent()) {
      return refused.get();
    }
    return switch (exchange.method + " " + path) {
      case "POST /api/public/otel/v1/traces" -> otlp(exchange, body, number);
      case "POST /api/public/ingestion" -> ingestion(exchange, body, fault, number);
      case "GET /api/public/projects" ->
          Reply.json(
              200,
              "{\"data\":[{\"id\":\"shop\",\"name\":\"Shop\",\"organization\":{\"id\":\"org\",\"name\":\"Org\"},\"metadata\":{}}]}");
      default -> Reply.message(404, "Not found");
    };
  }

  private Optional<Reply> refused(Exchange exchange) {
    String header = exchange.headers.getOrDefault("authorization", "");
    if (!header.startsWith("Basic ")) {
      return Optional.of(Reply.message(401, "No authorization header"));
    }
    String login =
        new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8);
    if (!login.equals(publicKey + ":" + secretKey)) {
      return Optional.of(Reply.message(401, "Invalid credentials" + Reply.HOST_HINT));
    }
    String name = exchange.headers.getOrDefault("x-langfuse-sdk-name", "");
    if (!name.equals("turnpike") || exchange.headers.get("x-langfuse-sdk-version") == null) {
      warnings.add("odd-sdk-name " + name);
    }
    if (!exchange.headers.getOrDefault("user-agent", "").startsWith("turnpike/")) {
      warnings.add("odd-user-agent " + exchange.headers.get("user-agent"));
    }
    return Optional.empty();
  }

  private Reply otlp(Exchange exchange, byte[] body, int number) {
    if (!mode.atLeast(3, 22, 0)) {
      return Reply.message(404, "Not found");
    }
    if (body.length > limitOtlpBytes) {
      return Reply.text(413, "Payload Too Large");
    }
    if (!exchange.headers.getOrDefault("content-type", "").equals("application/x-protobuf")) {
      return Reply.json(400, "{\"error\":\"Invalid content type\"}");
    }
    if (!exchange.headers.getOrDefault("x-langfuse-ingestion-version", "").equals("4")) {
      warnings.add("no-ingestion-version-4");
    }
    ExportTraceServiceRequest request;
    try {
      boolean gzip = exchange.headers.getOrDefault("content-encoding", "").equals("gzip");
      request = ExportTraceServiceRequest.parseFrom(gzip ? inflated(body) : body);
    } catch (InvalidProtocolBufferException e) {
      return Reply.json(400, "{\"error\":\"Failed to parse OTel Protobuf Trace\"}");
    } catch (IOException e) {
      return Reply.json(400, "{\"error\":\"Failed to decompress request body\"}");
    }
    var reader = new OtlpRows(mode.atLeast(3, 59, 0), warnings::add);
    stored.add(reader.read(request, number, stored.rows().size() + 1));
    return Reply.json(
        200, "{\"name\":\"otel-ingestion-job\",\"data\":{\"payload\":{}},\"id\":\"1\"}");
  }

  private Reply ingestion(Exchange exchange, byte[] body, Optional<Fault> fault, int number) {
    if (!exchange.headers.getOrDefault("content-type", "").startsWith("application/json")) {
      return Reply.json(400, "{\"message\":\"Invalid request data\"}");
    }
    try {
      JsonNode batch = JSON.readTree(body).path("batch");
      if (!batch.isArray()) {
        return Reply.json(400, "{\"message\":\"Invalid request data\"}");
      }
      Optional<Integer> failFirst =
          fault.filter(some -> some.kind() == Fault.Kind.FAIL_FIRST_EVENT).map(Fault::status);
      var accepted = new ArrayList<LangfuseRow>();
      ObjectNode answer =
          classic.ingest(batch, failFirst, number, stored.rows().size() + 1, accepted);
      stored.add(accepted);
      return Reply.json(207, answer.toString());
    } catch (JsonProcessingException e) {
      return Reply.text(400, "Invalid JSON");
    } catch (IOException e) {
      return Reply.text(400, "Invalid body");
    }
  }

  private static byte[] inflated(byte[] body) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return in.readAllBytes();
    }
  }
}
