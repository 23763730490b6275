package dev.turnpike.gateway.api;

import dev.turnpike.gateway.api.OutboxReport.DeadLetter;
import dev.turnpike.gateway.api.OutboxReport.Waiting;
import dev.turnpike.gateway.api.SessionList.SessionSummary;
import dev.turnpike.gateway.api.StatusReport.AgentStatus;
import dev.turnpike.gateway.api.StatusReport.DestinationStatus;
import dev.turnpike.gateway.api.StatusReport.StoreStatus;
import dev.turnpike.gateway.api.TraceDetail.Node;
import dev.turnpike.gateway.api.TraceList.TraceSummary;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One report of every kind: what tests send, compare and document. */
public final class Samples {
  public static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
  public static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  public static final String SESSION = "0f3c8a52-7f0e-4a51-9c2e-5d8b7a1c2d3e";
  private static final String DESTINATION = "3fa91c02d4e5b6a7";
  private static final String SERVER = "https://cloud.langfuse.com";

  private Samples() {}

  public static HealthReport health() {
    return new HealthReport(true, "0.1.0", 4711, List.of());
  }

  public static HealthReport sick() {
    return new HealthReport(false, "0.1.0", 4711, List.of("the disk is full: nothing is kept"));
  }

  public static StatusReport status() {
    return new StatusReport(
        "0.1.0",
        4711,
        START,
        7512,
        true,
        List.of(),
        List.of("unknown setting LANGFUSE_PUBLICKEY in the settings file, line 3"),
        List.of(
            new AgentStatus(
                "claude-code",
                "Claude Code",
                1234,
                2,
                5,
                sorted(Map.of("notification", 30L)),
                sorted(Map.of("not_json", 1L)),
                sorted(Map.of("unknown.foo", 7L)),
                2,
                100,
                2200,
                START.plusSeconds(7507))),
        List.of(
            new DestinationStatus(
                DESTINATION,
                SERVER,
                "langfuse",
                "otlp",
                2,
                1_258_291,
                START.plusSeconds(7500),
                98,
                2150,
                1,
                START.plusSeconds(7400),
                START.plusSeconds(7505),
                "503 Service Unavailable",
                null,
                START.plusSeconds(7520)),
            new DestinationStatus(
                "local", null, "local", "files", 0, 0, null, 2, 50, 0, START, null, null, null,
                null)),
        List.of(
            new StoreStatus("inbox", 3, 4096, 10_000L, 67_108_864L),
            new StoreStatus("journal", 400, 524_288, null, null)),
        sorted(Map.of("gateway.too_large", 1L, "gateway.peer", 0L)),
        sorted(Map.of("0.1.0", 1234L)));
  }

  public static SessionSummary session() {
    return new SessionSummary(
        "claude-code", SESSION, "active", 12, true, START.plusSeconds(7507), "/home/dev/shop");
  }

  public static SessionList sessions() {
    return new SessionList(
        List.of(
            session(), new SessionSummary("codex", "rollout-17", "paused", 0, false, null, null)));
  }

  public static SessionDetail sessionDetail() {
    return new SessionDetail(
        session(),
        List.of(
            new SessionDetail.Followed("/home/dev/.claude/projects/shop/0f3c.jsonl", 2048, 4096)),
        1,
        DESTINATION,
        TRACE,
        SERVER + "/trace/" + TRACE);
  }

  public static ForgetReport forgotten() {
    return new ForgetReport("claude-code", SESSION, sorted(Map.of("events", 1L, "traces", 12L)));
  }

  public static TraceSummary summary() {
    return new TraceSummary(
        TRACE,
        "claude-code",
        SESSION,
        "Claude Code: fix the failing test",
        START,
        12_400,
        "DEFAULT",
        4,
        13_590L,
        new BigDecimal("0.0421"),
        List.of(new Whereabouts("local", null, "kept", null)));
  }

  public static TraceList traces() {
    return new TraceList(List.of(summary()), 3);
  }

  public static TraceDetail trace() {
    var call =
        new Node(
            "00f067aa0ba902b7",
            "generation",
            "claude-sonnet-4-5",
            START.plusMillis(100),
            3200,
            "DEFAULT",
            null,
            "claude-sonnet-4-5",
            sorted(Map.of("input", 10L, "input_cached_tokens", 13_000L, "output", 580L)),
            new BigDecimal("0.0421"),
            "user: fix the failing test",
            "assistant: (calls Bash) {}",
            Map.of(),
            List.of());
    var inner =
        new Node(
            "00f067aa0ba902b9",
            "note",
            "compaction",
            START.plusMillis(4000),
            0,
            "DEBUG",
            null,
            null,
            Map.of(),
            null,
            null,
            null,
            Map.of(),
            List.of());
    var tool =
        new Node(
            "00f067aa0ba902b8",
            "tool",
            "Bash",
            START.plusMillis(3400),
            65_000,
            "ERROR",
            "exit code 1",
            null,
            Map.of(),
            null,
            "{\"command\":\"mvn test\"}",
            "BUILD FAILURE",
            sorted(Map.of("tool_call_id", "toolu_01")),
            List.of(inner));
    var root =
        new Node(
            "00f067aa0ba902b6",
            "agent",
            "Claude Code: fix the failing test",
            START,
            12_400,
            "DEFAULT",
            null,
            null,
            Map.of(),
            null,
            "fix the failing test",
            "Done.",
            Map.of(),
            List.of(call, tool));
    return new TraceDetail(
        summary(),
        "dev@example.com",
        List.of("agent:claude-code", "repo:shop"),
        "default",
        null,
        "2.0.1",
        sorted(Map.of("repo", "shop", "branch", "main")),
        sorted(Map.of("input", 10L, "input_cached_tokens", 13_000L, "output", 580L)),
        List.of(root));
  }

  public static SendReport sent() {
    return new SendReport(DESTINATION, SERVER, 2, 50, 1, null);
  }

  public static OutboxReport outbox() {
    return new OutboxReport(
        List.of(
            new Waiting(
                "b1",
                DESTINATION,
                "claude-code/" + SESSION,
                TRACE,
                22,
                40_960,
                START,
                3,
                "delayed",
                START.plusSeconds(60),
                "503 Service Unavailable")),
        List.of(
            new DeadLetter(
                "b0",
                DESTINATION,
                "claude-code/" + SESSION,
                TRACE,
                1,
                812,
                START.plusSeconds(5),
                "400 Bad Request: invalid span")),
        0);
  }

  public static RetryReport retried() {
    return new RetryReport(1, 1);
  }

  public static ServerList servers() {
    return new ServerList(
        List.of(
            new ServerList.Server(
                "us.cloud.langfuse.com", "allowed", START, "/home/dev/shop", 0, 0),
            new ServerList.Server(
                "http://collect.example:8080", "held", START, "/home/dev/cloned", 3, 40_960)));
  }

  public static RulingReport allowed() {
    return new RulingReport("collect.example", "allowed", 3);
  }

  public static RulingReport denied() {
    return new RulingReport("collect.example", "denied", 3);
  }

  public static FlushReport flushed() {
    return new FlushReport(true, 240, 1, 2, 30, 0, 0, 0, 0);
  }

  public static FlushReport notFlushed() {
    return new FlushReport(false, 10_000, 1, 0, 0, 1, 5, 3, 1);
  }

  public static SettingsReport settings() {
    return new SettingsReport(
        List.of(
            new SettingsReport.Row(
                "LANGFUSE_BASE_URL",
                "https://eu.example.com",
                "project /home/dev/shop",
                "Where traces are sent.",
                List.of(new SettingsReport.Overridden(SERVER, "default"))),
            new SettingsReport.Row(
                "LANGFUSE_SECRET_KEY", "sk-lf-...1234", "file", "The secret key.", List.of())),
        List.of("the file names an unknown setting: FOO"));
  }

  public static SettingsReport setting() {
    return new SettingsReport(List.of(settings().settings().getFirst()), List.of());
  }

  public static ReloadReport reloaded() {
    return new ReloadReport(List.of("the file names an unknown setting: FOO"));
  }

  public static ShutdownReport shutdown() {
    return new ShutdownReport(4711);
  }

  public static List<Report> all() {
    return List.of(
        ErrorReport.of("not_found", "There is no such session."),
        health(),
        sick(),
        status(),
        sessions(),
        sessionDetail(),
        forgotten(),
        traces(),
        trace(),
        sent(),
        outbox(),
        retried(),
        servers(),
        allowed(),
        denied(),
        flushed(),
        notFlushed(),
        settings(),
        reloaded(),
        shutdown());
  }

  private static <V> Map<String, V> sorted(Map<String, V> map) {
    return new TreeMap<>(map);
  }
}
