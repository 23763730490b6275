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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A Langfuse server for tests: real HTTP on loopback, behaving like server 4.16 (or an older one)
 * as far as we rely on it, keeping whatever came, and warning of what the real server would swallow
 * in silence.
 *
 * <pre>
 *   try (var langfuse = FakeLangfuse.start(Mode.EVENTS_ONLY)) {
 *     langfuse.faults(Fault.status(503).times(2));
 *     ... export to langfuse.url() with langfuse.publicKey() and langfuse.secretKey() ...
 *     langfuse.awaitSpans(3, Duration.ofSeconds(5));
 *     langfuse.assertClean();
 *     var trace = langfuse.onlyTrace();
 *   }
 * </pre>
 */
public final class FakeLangfuse implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_CLASSIC_BYTES = 4_718_592;
  private static final String HOST_HINT = ". Confirm that you've configured the correct host.";

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ReceivedRequest> requests = new ArrayList<>();
  private final List<LangfuseRow> rows = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, LangfuseRow> firstOfSpan = new HashMap<>();
  private final LoopbackServer server;
  private Mode mode;
  private ClassicRows classic;
  private boolean tellsVersion = true;
  private List<Fault> faults = List.of();
  private String publicKey = "pk-lf-test";
  private String secretKey = "sk-lf-test";
  private long limitOtlpBytes = Long.MAX_VALUE;
  private int duplicates;
  private int divergent;

  private FakeLangfuse(Mode mode) {
    this.mode = mode;
    this.classic = new ClassicRows(mode, warnings::add);
    this.server = LoopbackServer.start(this::handle);
  }

  public static FakeLangfuse start(Mode mode) {
    return new FakeLangfuse(mode);
  }

  public String url() {
    return "http://127.0.0.1:" + server.port();
  }

  public String publicKey() {
    return read(() -> publicKey);
  }

  public String secretKey() {
    return read(() -> secretKey);
  }

  /** The id of the only project. */
  public String projectId() {
    return "shop";
  }

  /** From now on only these are good. */
  public FakeLangfuse keys(String newPublicKey, String newSecretKey) {
    return change(
        () -> {
          publicKey = newPublicKey;
          secretKey = newSecretKey;
        });
  }

  /**
   * What goes wrong from now on, instead of what went wrong so far; none: all is well. The first
   * that fits strikes.
   */
  public FakeLangfuse faults(Fault... what) {
    return change(() -> faults = List.of(what).stream().map(Fault::armed).toList());
  }

  /** OTLP bodies above this are answered with 413, as a proxy before the server would. */
  public FakeLangfuse limitOtlpBytes(long bytes) {
    return change(() -> limitOtlpBytes = bytes);
  }

  /** The health check no longer tells the version. */
  public FakeLangfuse hideVersion() {
    return change(() -> tellsVersion = false);
  }

  /** Another server under the same address; what was stored stays. */
  public FakeLangfuse become(Mode other) {
    return change(
        () -> {
          mode = other;
          var before = classic;
          classic = new ClassicRows(other, warnings::add);
          classic.traces().putAll(before.traces());
        });
  }

  /** All rows in the order they came, duplicates included. */
  public List<LangfuseRow> rows() {
    return read(() -> List.copyOf(rows));
  }

  /** The traces in the order they came. */
  public List<LangfuseTrace> traces() {
    return read(
        () -> {
          var all = new ArrayList<>(TraceViews.ofOtlp(rows));
          all.addAll(classic.views(rows));
          return all;
        });
  }

  public LangfuseTrace onlyTrace() {
    List<LangfuseTrace> all = traces();
    if (all.size() != 1) {
      throw new AssertionError("one trace expected, but there are " + all);
    }
    return all.getFirst();
  }

  public List<ReceivedRequest> requests() {
    return read(() -> List.copyOf(requests));
  }

  /** Those that brought traces, by either path. */
  public List<ReceivedRequest> exports() {
    return requests().stream().filter(request -> request.method().equals("POST")).toList();
  }

  /** What the real server would swallow or misfile without a word. */
  public List<String> warnings() {
    return read(() -> List.copyOf(warnings));
  }

  /** Spans that came again as they were: harmless, but only allowed where an answer was lost. */
  public int duplicates() {
    return read(() -> duplicates);
  }

  /** Spans that came again with another start or content: never allowed. */
  public int divergentDuplicates() {
    return read(() -> divergent);
  }

  /** No warnings, no duplicates; every trace whole: one root, no orphans. */
  public void assertClean() {
    var problems = new ArrayList<>(warnings());
    if (duplicates() + divergentDuplicates() > 0) {
      problems.add(duplicates() + " duplicates, " + divergentDuplicates() + " divergent");
    }
    for (LangfuseTrace trace : traces()) {
      if (trace.rootIds().size() != 1) {
        problems.add("roots of trace " + trace.id() + ": " + trace.rootIds());
      }
      if (!trace.orphans().isEmpty()) {
        problems.add("orphans in trace " + trace.id() + ": " + trace.orphans());
      }
    }
    if (!problems.isEmpty()) {
      throw new AssertionError(String.join("\n", problems));
    }
  }

  /** Waits until so many different spans are stored. */
  public List<LangfuseRow> awaitSpans(int count, Duration limit) throws InterruptedException {
    await(() -> firstOfSpan.size() >= count, limit, count + " spans");
    return rows();
  }

  /** Waits until so many requests were answered or left unanswered. */
  public List<ReceivedRequest> awaitExports(int count, Duration limit) throws InterruptedException {
    await(
        () -> requests.stream().filter(request -> request.method().equals("POST")).count() >= count,
        limit,
        count + " exports");
    return exports();
  }

  private interface Fact {
    boolean holds();
  }

  private void await(Fact condition, Duration limit, String what) throws InterruptedException {
    long left = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while (!condition.holds()) {
        if (left <= 0) {
          throw new AssertionError(
              "waited %s for %s; have %d spans, requests %s, warnings %s"
                  .formatted(
                      limit,
                      what,
                      firstOfSpan.size(),
                      requests.stream()
                          .map(request -> request.path() + "->" + request.status())
                          .toList(),
                      warnings));
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private record Reply(int status, Map<String, String> headers, byte[] body) {
    static Reply json(int status, String text) {
      return new Reply(
          status,
          Map.of("Content-Type", "application/json; charset=utf-8"),
          text.getBytes(StandardCharsets.UTF_8));
    }

    static Reply message(int status, String message) {
      return json(status, JSON.createObjectNode().put("message", message).toString());
    }

    static Reply text(int status, String text) {
      return new Reply(
          status, Map.of("Content-Type", "text/plain"), text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void handle(Exchange exchange) throws IOException, InterruptedException {
    Optional<Fault> fault = strike(exchange.path);
    Fault.@Nullable Kind kind = fault.map(Fault::kind).orElse(null);
    if (kind == Fault.Kind.CLOSE_ON_ACCEPT) {
      keep(exchange, new byte[0], 0);
      exchange.close();
      return;
    }
    if (kind == Fault.Kind.RESET_DURING_REQUEST) {
      byte[] part = exchange.body(fault.orElseThrow().afterBytes());
      keep(exchange, part, 0);
      exchange.reset();
      return;
    }
    byte[] body = exchange.body(Long.MAX_VALUE);
    if (kind == Fault.Kind.DELAY) {
      Thread.sleep(fault.orElseThrow().delay());
    }
    boolean served =
        kind == null
            || kind == Fault.Kind.DELAY
            || kind == Fault.Kind.FAIL_FIRST_EVENT
            || fault.orElseThrow().isStored();
    Reply reply = served ? serve(exchange, body, fault) : Reply.text(500, "not served");
    switch (kind) {
      case DROP_ANSWER -> {
        keep(exchange, body, 0);
        exchange.close();
      }
      case HANG -> {
        keep(exchange, body, 0);
        exchange.hang();
      }
      case RESET_DURING_ANSWER -> {
        keep(exchange, body, reply.status());
        exchange.answer(reply.status(), reply.headers(), reply.body(), reply.body().length / 2);
        exchange.reset();
      }
      case STATUS -> {
        Reply wrong = wrong(fault.orElseThrow());
        keep(exchange, body, wrong.status());
        exchange.answer(wrong.status(), wrong.headers(), wrong.body(), wrong.body().length);
      }
      case null, default -> {
        keep(exchange, body, reply.status());
        exchange.answer(reply.status(), reply.headers(), reply.body(), reply.body().length);
      }
    }
  }

  private Optional<Fault> strike(String path) {
    return read(() -> faults.stream().filter(fault -> fault.strikes(path)).findFirst());
  }

  private void keep(Exchange exchange, byte[] body, int status) {
    change(
        () ->
            requests.add(
                new ReceivedRequest(
                    requests.size() + 1,
                    exchange.method,
                    exchange.path,
                    Map.copyOf(exchange.headers),
                    body,
                    status)));
  }

  private static Reply wrong(Fault fault) {
    String usual =
        switch (fault.status()) {
          case 401 -> "{\"message\":\"Invalid credentials" + HOST_HINT + "\"}";
          case 403 ->
              "{\"message\":\"Ingestion suspended: Usage threshold"
                  + " exceeded.\",\"error\":\"ForbiddenError\"}";
          case 413 -> "Body exceeded 4.5mb limit";
          case 429 -> "{\"message\":\"Rate limit exceeded\",\"code\":\"rate_limited\"}";
          default -> "{\"message\":\"injected\",\"error\":\"injected\"}";
        };
    String body = fault.body().orElse(usual);
    var headers = new HashMap<String, String>();
    headers.put(
        "Content-Type",
        body.startsWith("<")
            ? "text/html"
            : body.startsWith("{") ? "application/json" : "text/plain");
    fault.retryAfter().ifPresent(seconds -> headers.put("Retry-After", seconds.toString()));
    fault.location().ifPresent(url -> headers.put("Location", url));
    return new Reply(fault.status(), headers, body.getBytes(StandardCharsets.UTF_8));
  }

  private Reply serve(Exchange exchange, byte[] body, Optional<Fault> fault) {
    lock.lock();
    try {
      Reply reply = serveLocked(exchange, body, fault);
      changed.signalAll();
      return reply;
    } finally {
      lock.unlock();
    }
  }

  private Reply serveLocked(Exchange exchange, byte[] body, Optional<Fault> fault) {
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
      case "POST /api/public/otel/v1/traces" -> otlp(exchange, body);
      case "POST /api/public/ingestion" -> ingestion(exchange, body, fault);
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
      return Optional.of(Reply.message(401, "Invalid credentials" + HOST_HINT));
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

  private Reply otlp(Exchange exchange, byte[] body) {
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
    store(reader.read(request, requests.size() + 1, rows.size() + 1));
    return Reply.json(
        200, "{\"name\":\"otel-ingestion-job\",\"data\":{\"payload\":{}},\"id\":\"1\"}");
  }

  private Reply ingestion(Exchange exchange, byte[] body, Optional<Fault> fault) {
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
          classic.ingest(batch, failFirst, requests.size() + 1, rows.size() + 1, accepted);
      store(accepted);
      return Reply.json(207, answer.toString());
    } catch (JsonProcessingException e) {
      return Reply.text(400, "Invalid JSON");
    } catch (IOException e) {
      return Reply.text(400, "Invalid body");
    }
  }

  private void store(List<LangfuseRow> arrived) {
    for (LangfuseRow row : arrived) {
      LangfuseRow first = firstOfSpan.putIfAbsent(row.traceId() + "/" + row.id(), row);
      if (first != null && same(first, row)) {
        duplicates++;
      } else if (first != null) {
        divergent++;
      }
      rows.add(row);
    }
  }

  private static boolean same(LangfuseRow a, LangfuseRow b) {
    return a.start().equals(b.start())
        && a.end().equals(b.end())
        && a.type().equals(b.type())
        && a.usage().equals(b.usage())
        && String.valueOf(a.input()).equals(String.valueOf(b.input()))
        && String.valueOf(a.output()).equals(String.valueOf(b.output()));
  }

  private static byte[] inflated(byte[] body) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return in.readAllBytes();
    }
  }

  private FakeLangfuse change(Runnable action) {
    lock.lock();
    try {
      action.run();
      changed.signalAll();
      return this;
    } finally {
      lock.unlock();
    }
  }

  private <T> T read(Supplier<T> query) {
    lock.lock();
    try {
      return query.get();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
