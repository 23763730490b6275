package dev.turnpike.gateway;

import dev.turnpike.gateway.DestinationControl.Ruled;
import dev.turnpike.gateway.Router.Entry;
import dev.turnpike.gateway.TraceArchive.Lookup;
import dev.turnpike.gateway.api.Report;
import dev.turnpike.gateway.api.ShutdownReport;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import java.io.IOException;
import java.io.Serial;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the command line asks for: reads parameters, asks the room in question, chooses the status
 * code.
 */
final class ControlRoutes {
  private static final int LISTED_DEFAULT = 20;
  private static final int LISTED_MAX = 1000;
  private static final int HOST_CHARS_MAX = 300;
  private static final int LOG_LINES_MAX = 10_000;
  private static final Duration FLUSH_DEFAULT = Duration.ofSeconds(10);
  private static final Pattern TRACE_PREFIX = Pattern.compile("[0-9a-f]{4,32}");
  private static final Pattern WAIT = Pattern.compile("(\\d{1,9})(ms|s|m)");

  private final Controls controls;
  private final GatewayLimits limits;
  private final Semaphore followers;

  ControlRoutes(Controls controls, GatewayLimits limits) {
    this.controls = controls;
    this.limits = limits;
    this.followers = new Semaphore(limits.followers());
  }

  List<Entry> entries() {
    return List.of(
        entry("GET", "/v1/health", this::health),
        entry("GET", "/v1/status", (request, names) -> ok(request, controls.status().status())),
        entry("POST", "/v1/flush", this::flush),
        entry(
            "GET", "/v1/sessions", (request, names) -> ok(request, controls.sessions().sessions())),
        entry("GET", "/v1/sessions/{agent}/{id}", this::session),
        entry("DELETE", "/v1/sessions/{agent}/{id}", this::forget),
        entry(
            "POST",
            "/v1/sessions/{agent}/{id}/pause",
            (request, names) -> ok(request, controls.sessions().pause(key(names), true))),
        entry(
            "POST",
            "/v1/sessions/{agent}/{id}/resume",
            (request, names) -> ok(request, controls.sessions().pause(key(names), false))),
        entry("GET", "/v1/traces/local", this::traces),
        entry(
            "POST",
            "/v1/traces/local/send",
            (request, names) -> ok(request, controls.traces().sendLocal())),
        entry("GET", "/v1/traces/local/{id}", this::trace),
        entry(
            "GET",
            "/v1/outbox",
            (request, names) ->
                ok(request, controls.outbox().outbox(count(request, "limit", 100, LISTED_MAX)))),
        entry(
            "POST", "/v1/outbox/retry", (request, names) -> ok(request, controls.outbox().retry())),
        entry(
            "GET",
            "/v1/destinations",
            (request, names) -> ok(request, controls.destinations().servers())),
        entry(
            "POST",
            "/v1/destinations/allow",
            (request, names) -> ruled(request, controls.destinations().allow(host(request)))),
        entry(
            "POST",
            "/v1/destinations/deny",
            (request, names) -> ruled(request, controls.destinations().deny(host(request)))),
        entry("GET", "/v1/logs/tail", this::log),
        entry("POST", "/v1/reload", (request, names) -> ok(request, controls.lifecycle().reload())),
        entry("POST", "/v1/shutdown", this::shutdown),
        entry("GET", "/v1/config/explain", this::explain));
  }

  private Answer health(Request request, Map<String, String> names) {
    var health = controls.status().health();
    return Answer.of(health.ready() ? 200 : 503, health, request.wantsText());
  }

  private Answer flush(Request request, Map<String, String> names)
      throws InterruptedException, BadParameter {
    var wait = wait(request);
    var report = controls.flusher().flush(wait);
    return Answer.of(report.complete() ? 200 : 202, report, request.wantsText());
  }

  private Answer session(Request request, Map<String, String> names) throws BadParameter {
    return controls
        .sessions()
        .session(key(names))
        .map(session -> ok(request, session))
        .orElseGet(() -> noSuchSession(request));
  }

  private Answer forget(Request request, Map<String, String> names)
      throws BadParameter, IOException {
    return controls
        .sessions()
        .forget(key(names))
        .map(report -> ok(request, report))
        .orElseGet(() -> noSuchSession(request));
  }

  private Answer traces(Request request, Map<String, String> names)
      throws BadParameter, IOException {
    int limit = count(request, "limit", LISTED_DEFAULT, LISTED_MAX);
    return ok(request, controls.traces().traces(limit, request.parameter("session")));
  }

  private Answer trace(Request request, Map<String, String> names)
      throws BadParameter, IOException {
    var prefix = names.getOrDefault("id", "");
    if (!TRACE_PREFIX.matcher(prefix).matches()) {
      throw new BadParameter("A trace id is up to 32 hex digits, a prefix of it at least 4.");
    }
    return switch (controls.traces().find(prefix)) {
      case Lookup.Found(var trace) -> ok(request, TraceViews.detail(trace));
      case Lookup.Ambiguous(var candidates) ->
          Answer.error(
              request,
              409,
              "ambiguous",
              "Several traces begin with "
                  + prefix
                  + ": "
                  + candidates.stream().map(id -> id.hex()).collect(Collectors.joining(", ")));
      case Lookup.Missing() ->
          Answer.error(
              request, 404, "not_found", "No trace on this machine begins with " + prefix + ".");
    };
  }

  private static String host(Request request) throws BadParameter {
    return request
        .parameter("host")
        .filter(host -> !host.isBlank() && host.length() <= HOST_CHARS_MAX)
        .orElseThrow(() -> new BadParameter("host names a server."));
  }

  private static Answer ruled(Request request, Ruled ruled) throws BadParameter {
    return switch (ruled) {
      case Ruled.Done(var report) -> ok(request, report);
      case Ruled.NoServer() -> throw new BadParameter("host is no server's name.");
      case Ruled.Named(var server) ->
          Answer.error(
              request,
              409,
              "named_in_settings",
              server
                  + " is named in your settings, the daemon's environment or"
                  + " TURNPIKE_KNOWN_HOSTS: take it out there.");
    };
  }

  private Answer log(Request request, Map<String, String> names) throws BadParameter {
    int lines = count(request, "lines", 100, LOG_LINES_MAX);
    boolean follow = request.parameter("follow").filter("true"::equals).isPresent();
    if (!followers.tryAcquire()) {
      return Answer.error(request, 503, "busy", "Too many callers read the log at once.");
    }
    return new Answer.Streamed(
        Answer.TEXT, new LogStream(controls.log(), lines, follow, followers::release));
  }

  private Answer shutdown(Request request, Map<String, String> names) {
    controls.lifecycle().shutdown();
    return ok(request, new ShutdownReport(controls.lifecycle().pid()));
  }

  private Answer explain(Request request, Map<String, String> names) throws BadParameter {
    var key = request.parameter("key");
    var report = controls.settings().explain(key, directory(request));
    if (key.isPresent() && report.settings().isEmpty()) {
      return Answer.error(
          request, 404, "unknown_setting", "There is no setting " + key.get() + ".");
    }
    return ok(request, report);
  }

  private Duration wait(Request request) throws BadParameter {
    var text = request.parameter("wait");
    if (text.isEmpty()) {
      return FLUSH_DEFAULT;
    }
    var parts = WAIT.matcher(text.get());
    if (!parts.matches()) {
      throw new BadParameter("wait is a number with ms, s or m, as in wait=10s.");
    }
    long amount = Long.parseLong(parts.group(1));
    var asked =
        switch (parts.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          default -> Duration.ofMinutes(amount);
        };
    return asked.compareTo(limits.flush()) < 0 ? asked : limits.flush();
  }

  private static int count(Request request, String name, int otherwise, int max)
      throws BadParameter {
    var text = request.parameter(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= 0) {
        return Math.min(number, max);
      }
    } catch (NumberFormatException e) {
      throw new BadParameter(name + " is a number from 0 to " + max + ".");
    }
    throw new BadParameter(name + " is a number from 0 to " + max + ".");
  }

  private static Optional<Path> directory(Request request) throws BadParameter {
    var text = request.parameter("cwd");
    try {
      var path = text.map(Path::of);
      if (path.isEmpty() || path.get().isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new BadParameter("cwd is not a path.");
    }
    throw new BadParameter("cwd is an absolute path.");
  }

  private static SessionKey key(Map<String, String> names) throws BadParameter {
    var agent = names.getOrDefault("agent", "");
    var session = names.getOrDefault("id", "");
    if (!AgentId.isWellFormed(agent) || !SessionId.isWellFormed(session)) {
      throw new BadParameter("This is not a session: an agent's name, a slash, its session id.");
    }
    return new SessionKey(new AgentId(agent), new SessionId(session));
  }

  private static Answer noSuchSession(Request request) {
    return Answer.error(request, 404, "not_found", "There is no such session.");
  }

  private static Answer ok(Request request, Report report) {
    return Answer.of(200, report, request.wantsText());
  }

  private static Entry entry(String method, String path, Parameterised handler) {
    return Entry.of(
        method,
        path,
        (request, names) -> {
          try {
            return handler.answer(request, names);
          } catch (BadParameter e) {
            return Answer.error(request, 400, "bad_parameter", e.problem());
          }
        });
  }

  /** A handler whose parameters may be wrong, which is the caller's fault and no failure. */
  @FunctionalInterface
  private interface Parameterised {
    Answer answer(Request request, Map<String, String> names)
        throws BadParameter, IOException, InterruptedException;
  }

  private static final class BadParameter extends Exception {
    @Serial private static final long serialVersionUID = 1;

    private final String problem;

    BadParameter(String problem) {
      super(problem);
      this.problem = problem;
    }

    String problem() {
      return problem;
    }
  }
}
