package dev.turnpike.gateway;

import dev.turnpike.gateway.Router.Route;
import dev.turnpike.model.AgentId;
import dev.turnpike.otlp.OtlpTraces;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The paths of OTLP/HTTP: {@code /v1/traces}, {@code /v1/logs}, {@code /v1/metrics}, and the same
 * below the name of an agent, for one that cannot be told by its resource.
 */
final class OtlpRoutes {
  /** What is sent. */
  enum Kind {
    TRACES,
    LOGS,
    METRICS
  }

  /** How the body is written, and how an answer to it is. */
  record Form(OtlpTraces.Encoding encoding, boolean gzip) {
    String contentType() {
      return switch (encoding) {
        case PROTOBUF -> PROTOBUF;
        case JSON -> Answer.JSON;
      };
    }
  }

  private static final String PROTOBUF = "application/x-protobuf";
  private static final Map<String, Kind> KINDS =
      Map.of("traces", Kind.TRACES, "logs", Kind.LOGS, "metrics", Kind.METRICS);

  private final Set<AgentId> agents;
  private final GatewayCounters counters;

  OtlpRoutes(Set<AgentId> agents, GatewayCounters counters) {
    this.agents = Set.copyOf(agents);
    this.counters = counters;
  }

  /** Empty: it is no path of OTLP. */
  Optional<Route> route(Request request) {
    List<String> path = request.path();
    int first = path.size() - 2;
    if (first < 0 || first > 1 || !path.get(first).equals("v1")) {
      return Optional.empty();
    }
    Kind kind = KINDS.get(path.get(first + 1));
    if (kind == null) {
      return Optional.empty();
    }
    if (first == 0) {
      return Optional.of(route(request, kind, Optional.empty()));
    }
    String name = path.getFirst();
    if (!AgentId.isWellFormed(name) || !agents.contains(new AgentId(name))) {
      counters.refused("unknown_agent");
      return Optional.of(
          rejected(request, 404, "unknown_agent", "No agent of that name sends OpenTelemetry."));
    }
    return Optional.of(route(request, kind, Optional.of(new AgentId(name))));
  }

  private Route route(Request request, Kind kind, Optional<AgentId> agent) {
    if (!request.method().equals("POST")) {
      var error = Answer.error(request, 405, "method_not_allowed", "This path answers POST only.");
      return new Route.Rejected(
          new Answer.Whole(
              error.status(), error.contentType(), error.body(), Map.of("Allow", "POST")));
    }
    String type = plain(request.header("Content-Type").orElse(""));
    String coding = plain(request.header("Content-Encoding").orElse(""));
    if (!type.equals(Answer.JSON) && !type.equals(PROTOBUF)) {
      counters.refused("otlp_content_type");
      return rejected(
          request,
          415,
          "content_type",
          "Telemetry is taken as application/x-protobuf or application/json.");
    }
    if (!coding.isEmpty() && !coding.equals("identity") && !coding.equals("gzip")) {
      counters.refused("otlp_content_encoding");
      return rejected(request, 415, "content_encoding", "A body may be compressed by gzip only.");
    }
    var encoding = type.equals(PROTOBUF) ? OtlpTraces.Encoding.PROTOBUF : OtlpTraces.Encoding.JSON;
    return new Route.Otlp(kind, agent, new Form(encoding, coding.equals("gzip")));
  }

  private static String plain(String header) {
    int parameters = header.indexOf(';');
    String value = parameters < 0 ? header : header.substring(0, parameters);
    return value.strip().toLowerCase(Locale.ROOT);
  }

  static Route rejected(Request request, int status, String code, String message) {
    return new Route.Rejected(Answer.error(request, status, code, message));
  }
}
