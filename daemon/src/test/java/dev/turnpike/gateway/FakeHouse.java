package dev.turnpike.gateway;

import dev.turnpike.gateway.TraceArchive.Archived;
import dev.turnpike.gateway.TraceArchive.Lookup;
import dev.turnpike.gateway.api.FlushReport;
import dev.turnpike.gateway.api.ForgetReport;
import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.OutboxReport;
import dev.turnpike.gateway.api.ReloadReport;
import dev.turnpike.gateway.api.RetryReport;
import dev.turnpike.gateway.api.Samples;
import dev.turnpike.gateway.api.SendReport;
import dev.turnpike.gateway.api.ServerList;
import dev.turnpike.gateway.api.SessionDetail;
import dev.turnpike.gateway.api.SessionList;
import dev.turnpike.gateway.api.SettingsReport;
import dev.turnpike.gateway.api.StatusReport;
import dev.turnpike.gateway.api.TraceList;
import dev.turnpike.gateway.api.Whereabouts;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.Content;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Level;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.TraceId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The rooms behind the gateway: canned answers, and a note of what was asked. */
public final class FakeHouse
    implements StatusSource,
        SessionControl,
        TraceArchive,
        OutboxControl,
        DestinationControl,
        Flusher,
        Lifecycle,
        SettingsView {
  public final Queue<String> asked = new ConcurrentLinkedQueue<>();
  public volatile HealthReport health = Samples.health();
  volatile boolean failing;

  Controls controls(Path log) {
    return new Controls(this, this, this, this, this, this, this, this, log);
  }

  @Override
  public HealthReport health() {
    return health;
  }

  @Override
  public StatusReport status() {
    if (failing) {
      throw new IllegalStateException("planted");
    }
    return Samples.status();
  }

  @Override
  public SessionList sessions() {
    return Samples.sessions();
  }

  @Override
  public Optional<SessionDetail> session(SessionKey key) {
    asked.add("session " + key);
    return key.agent().value().equals("claude-code")
        ? Optional.of(Samples.sessionDetail())
        : Optional.empty();
  }

  @Override
  public SessionDetail pause(SessionKey key, boolean paused) {
    asked.add((paused ? "pause " : "resume ") + key);
    return Samples.sessionDetail();
  }

  @Override
  public Optional<ForgetReport> forget(SessionKey key) {
    asked.add("forget " + key);
    return key.agent().value().equals("claude-code")
        ? Optional.of(Samples.forgotten())
        : Optional.empty();
  }

  @Override
  public TraceList traces(int limit, Optional<String> session) {
    asked.add("traces " + limit + " " + session.orElse("of all"));
    return Samples.traces();
  }

  @Override
  public Lookup find(String prefix) {
    asked.add("find " + prefix);
    var id = new TraceId(Samples.TRACE);
    if (prefix.equals("aaaa")) {
      return new Lookup.Ambiguous(List.of(id, new TraceId("aaaa".repeat(8))));
    }
    return Samples.TRACE.startsWith(prefix) ? new Lookup.Found(archived()) : new Lookup.Missing();
  }

  static Archived archived() {
    var root =
        new Observation.AgentSpan(
            new Frame(
                new SpanId("00f067aa0ba902b6"),
                null,
                "a turn",
                Samples.START,
                Samples.START.plusSeconds(2),
                Level.DEFAULT,
                null,
                Map.of()),
            Content.prompt("fix it"),
            Content.answer("done"));
    var context =
        new TraceContext(
            new AgentId("claude-code"),
            Samples.SESSION,
            "dev",
            List.of(),
            "a turn",
            null,
            null,
            null,
            Map.of());
    return new Archived(
        List.of(new Trace(new TraceId(Samples.TRACE), context, List.of(root))),
        List.of(new Whereabouts("local", null, "kept", null)));
  }

  @Override
  public SendReport sendLocal() {
    asked.add("send");
    return Samples.sent();
  }

  @Override
  public OutboxReport outbox(int limit) {
    asked.add("outbox " + limit);
    return Samples.outbox();
  }

  @Override
  public RetryReport retry() {
    asked.add("retry");
    return Samples.retried();
  }

  @Override
  public ServerList servers() {
    return Samples.servers();
  }

  @Override
  public Ruled allow(String host) {
    asked.add("allow " + host);
    return host.contains(" ") ? new Ruled.NoServer() : new Ruled.Done(Samples.allowed());
  }

  @Override
  public Ruled deny(String host) {
    asked.add("deny " + host);
    return host.equals("cloud.langfuse.com")
        ? new Ruled.Named(host)
        : new Ruled.Done(Samples.denied());
  }

  @Override
  public FlushReport flush(Duration wait) {
    asked.add("flush " + wait);
    return wait.isZero() ? Samples.notFlushed() : Samples.flushed();
  }

  @Override
  public ReloadReport reload() {
    asked.add("reload");
    return Samples.reloaded();
  }

  @Override
  public void shutdown() {
    asked.add("shutdown");
  }

  @Override
  public long pid() {
    return 4711;
  }

  @Override
  public SettingsReport explain(Optional<String> key, Optional<Path> cwd) {
    asked.add("explain " + key.orElse("all") + " " + cwd.map(Path::toString).orElse("anywhere"));
    return key.filter("NOPE"::equals).isPresent()
        ? new SettingsReport(List.of(), List.of())
        : Samples.settings();
  }
}
