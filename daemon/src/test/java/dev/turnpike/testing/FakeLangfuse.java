package dev.turnpike.testing;

import dev.turnpike.testing.LoopbackServer.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;
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
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ReceivedRequest> requests = new ArrayList<>();
  private final LangfuseApi api;
  private final LoopbackServer server;
  private final String base;
  private List<Fault> faults = List.of();

  private FakeLangfuse(Mode mode, String base, ServerSocketFactory listeners) {
    this.api = new LangfuseApi(mode);
    this.server = LoopbackServer.start(listeners, this::handle);
    this.base = base;
  }

  public static FakeLangfuse start(Mode mode) {
    return new FakeLangfuse(mode, "http://127.0.0.1", ServerSocketFactory.getDefault());
  }

  /** One that takes only TLS, with one of the {@link Certificates}. */
  public static FakeLangfuse startTls(Mode mode, ServerSocketFactory listeners) {
    return new FakeLangfuse(mode, "https://localhost", listeners);
  }

  public String url() {
    return base + ":" + server.port();
  }

  public int port() {
    return server.port();
  }

  public String publicKey() {
    return read(api::publicKey);
  }

  public String secretKey() {
    return read(api::secretKey);
  }

  /** The id of the only project. */
  public String projectId() {
    return "shop";
  }

  /** From now on only these are good. */
  public FakeLangfuse keys(String newPublicKey, String newSecretKey) {
    return change(() -> api.keys(newPublicKey, newSecretKey));
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
    return change(() -> api.limitOtlpBytes(bytes));
  }

  /** The health check no longer tells the version. */
  public FakeLangfuse hideVersion() {
    return change(api::hideVersion);
  }

  /** Another server under the same address; what was stored stays. */
  public FakeLangfuse become(Mode other) {
    return change(() -> api.become(other));
  }

  /** Refuses connections, as a server that does not run, until {@link #up}. */
  public FakeLangfuse down() {
    server.down();
    return this;
  }

  /** Runs again under the same address, with what it had stored. */
  public FakeLangfuse up() {
    server.up();
    return this;
  }

  /** All rows in the order they came, duplicates included. */
  public List<LangfuseRow> rows() {
    return read(() -> api.stored().rows());
  }

  /** The traces in the order they came. */
  public List<LangfuseTrace> traces() {
    return read(api::traces);
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
    return read(api::warnings);
  }

  /** Spans that came again as they were: harmless, but only allowed where an answer was lost. */
  public int duplicates() {
    return read(() -> api.stored().duplicates());
  }

  /** Spans that came again with another start or content: never allowed. */
  public int divergentDuplicates() {
    return read(() -> api.stored().divergent());
  }

  /** Nothing came twice, and what came is {@linkplain #assertWhole() whole}. */
  public void assertClean() {
    if (duplicates() > 0) {
      throw new AssertionError(duplicates() + " spans came twice");
    }
    assertWhole();
  }

  /**
   * No warnings; every trace has one root and no orphans; what came twice came as it was. For where
   * a daemon was killed: a request that was under way then comes again.
   */
  public void assertWhole() {
    var problems = new ArrayList<>(warnings());
    if (divergentDuplicates() > 0) {
      problems.add(divergentDuplicates() + " spans came again otherwise");
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
    await(() -> api.stored().distinct() >= count, limit, count + " spans");
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

  /** Connections in all, since the start: how often somebody tried. */
  public int connectionsEver() {
    return server.accepted();
  }

  /** Connections that are open, or whose last request is still being handled. */
  public int connections() {
    return server.connections();
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
                      api.stored().distinct(),
                      requests.stream()
                          .map(request -> request.path() + "->" + request.status())
                          .toList(),
                      api.warnings()));
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
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
        Reply wrong = Reply.of(fault.orElseThrow());
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

  private Reply serve(Exchange exchange, byte[] body, Optional<Fault> fault) {
    lock.lock();
    try {
      Reply reply = api.serve(exchange, body, fault, requests.size() + 1);
      changed.signalAll();
      return reply;
    } finally {
      lock.unlock();
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
