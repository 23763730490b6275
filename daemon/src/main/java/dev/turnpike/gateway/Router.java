package dev.turnpike.gateway;

import dev.turnpike.model.AgentId;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Finds what answers a request on the Unix socket. */
final class Router implements Routes {
  /** Answers on a worker and may block. */
  @FunctionalInterface
  interface Handler {
    Answer handle(Request request, Map<String, String> names)
        throws IOException, InterruptedException;
  }

  sealed interface Route {
    /**
     * @param answer what the agent's hook client prints
     */
    record Hook(AgentId agent, String answer) implements Route {}

    record Call(Handler handler, Map<String, String> names) implements Route {}

    record Refused(Answer.Whole answer) implements Route {}

    /** Refused whatever the body: the answer does not wait for it. */
    record Rejected(Answer.Whole answer) implements Route {}

    /**
     * Telemetry.
     *
     * @param agent the one the path names
     */
    record Otlp(OtlpRoutes.Kind kind, Optional<AgentId> agent, OtlpRoutes.Form form)
        implements Route {}
  }

  /**
   * @param pattern path segments; one in braces matches anything and is handed on under that name
   */
  record Entry(String method, List<String> pattern, Handler handler) {
    static Entry of(String method, String path, Handler handler) {
      return new Entry(method, List.of(path.substring(1).split("/")), handler);
    }
  }

  private static final List<String> EVENTS = List.of("v1", "events");

  private final Map<AgentId, String> agents;
  private final List<Entry> entries;
  private final Optional<OtlpRoutes> otlp;
  private final GatewayCounters counters;

  /**
   * @param agents the known ones, each with what its hook client prints
   */
  Router(
      Map<AgentId, String> agents,
      List<Entry> entries,
      Optional<OtlpRoutes> otlp,
      GatewayCounters counters) {
    this.otlp = otlp;
    this.agents = Map.copyOf(agents);
    this.entries = List.copyOf(entries);
    this.counters = counters;
  }

  @Override
  public Route route(Request request) {
    var telemetry = otlp.flatMap(paths -> paths.route(request));
    if (telemetry.isPresent()) {
      return telemetry.get();
    }
    if (request.path().size() == 3 && request.path().subList(0, 2).equals(EVENTS)) {
      return hook(request, request.path().get(2));
    }
    var allowed = new TreeSet<String>();
    for (var entry : entries) {
      var names = match(entry.pattern(), request.path());
      if (names.isPresent() && entry.method().equals(request.method())) {
        return new Route.Call(entry.handler(), names.get());
      }
      names.ifPresent(_ -> allowed.add(entry.method()));
    }
    return allowed.isEmpty()
        ? noSuchPath(request)
        : notAllowed(request, String.join(", ", allowed));
  }

  private Route hook(Request request, String name) {
    if (!request.method().equals("POST")) {
      return notAllowed(request, "POST");
    }
    var agent =
        AgentId.isWellFormed(name) ? Optional.of(new AgentId(name)) : Optional.<AgentId>empty();
    var answer = agent.map(agents::get);
    if (agent.isEmpty() || answer.isEmpty()) {
      counters.refused("unknown_agent");
      return new Route.Refused(
          Answer.error(request, 404, "unknown_agent", "There is no agent of that name here."));
    }
    return new Route.Hook(agent.get(), answer.get());
  }

  private static Route notAllowed(Request request, String allowed) {
    var error =
        Answer.error(request, 405, "method_not_allowed", "This path answers " + allowed + " only.");
    return new Route.Refused(
        new Answer.Whole(
            error.status(), error.contentType(), error.body(), Map.of("Allow", allowed)));
  }

  private static Route noSuchPath(Request request) {
    return new Route.Refused(
        Answer.error(request, 404, "not_found", "There is nothing at this path."));
  }

  private static Optional<Map<String, String>> match(List<String> pattern, List<String> path) {
    if (pattern.size() != path.size()) {
      return Optional.empty();
    }
    var names = new HashMap<String, String>();
    for (int i = 0; i < pattern.size(); i++) {
      var expected = pattern.get(i);
      if (expected.startsWith("{")) {
        names.put(expected.substring(1, expected.length() - 1), path.get(i));
      } else if (!expected.equals(path.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(names);
  }
}
