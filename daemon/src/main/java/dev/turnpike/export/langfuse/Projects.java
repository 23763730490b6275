package dev.turnpike.export.langfuse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.export.Http;
import dev.turnpike.export.HttpAnswer;
import dev.turnpike.export.Statuses;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.TraceId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The project behind a pair of keys: checks them, and lets a trace be shown as a link into
 * Langfuse.
 */
public final class Projects {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Http http;
  private final Headers headers;
  private final InstantSource clock;
  private final Map<DestinationId, Asked> asked = new ConcurrentHashMap<>();

  private record Asked(ProjectAnswer answer, Instant at) {}

  /**
   * @param version our own
   */
  public Projects(Http http, String version, InstantSource clock) {
    this.http = http;
    this.headers = new Headers(version);
    this.clock = clock;
  }

  /** Asks the server now. Takes up to five seconds. */
  public ProjectAnswer check(Destination destination, Credentials credentials) {
    HttpAnswer answer =
        http.get(destination.baseUrl() + "/api/public/projects", headers.with(credentials), LIMIT);
    ProjectAnswer project =
        switch (answer) {
          case HttpAnswer.Silent silent -> new ProjectAnswer.Unreachable(silent.inWords());
          case HttpAnswer.Answered answered -> meaning(answered, destination, credentials);
        };
    asked.put(destination.id(), new Asked(project, clock.instant()));
    return project;
  }

  /** What is known already, without asking. */
  public Optional<ProjectAnswer.Found> known(Destination destination) {
    Asked before = asked.get(destination.id());
    return before != null && before.answer() instanceof ProjectAnswer.Found found
        ? Optional.of(found)
        : Optional.empty();
  }

  /**
   * A link to the trace's page. Asks the server at most once a minute, until it has told its
   * project.
   */
  public Optional<String> traceLink(
      Destination destination, Credentials credentials, TraceId trace) {
    return found(destination, credentials)
        .map(found -> page(destination, found) + "/traces/" + trace.hex());
  }

  /** A link to the session's page; {@code sessionId} is as the agent has it. */
  public Optional<String> sessionLink(
      Destination destination, Credentials credentials, String sessionId) {
    String sent = Limits.sessionId(sessionId);
    return found(destination, credentials)
        .map(found -> page(destination, found) + "/sessions/" + escaped(sent));
  }

  private Optional<ProjectAnswer.Found> found(Destination destination, Credentials credentials) {
    Optional<ProjectAnswer.Found> before = known(destination);
    if (before.isPresent()) {
      return before;
    }
    Asked last = asked.get(destination.id());
    if (last == null || last.at().plus(ASK_AGAIN).isBefore(clock.instant())) {
      check(destination, credentials);
    }
    return known(destination);
  }

  private static ProjectAnswer meaning(
      HttpAnswer.Answered answer, Destination destination, Credentials credentials) {
    String reason = Headers.withoutSecret(Statuses.reason(answer), credentials);
    return switch (answer.status()) {
      case 200 -> project(answer.body(), destination);
      case 401 -> new ProjectAnswer.WrongKeys(reason);
      case 403 -> new ProjectAnswer.WrongKind(reason);
      case 408, 429 -> new ProjectAnswer.Unreachable(reason);
      default ->
          answer.status() >= 500
              ? new ProjectAnswer.Unreachable(reason)
              : new ProjectAnswer.NotLangfuse(reason);
    };
  }

  private static ProjectAnswer project(String body, Destination destination) {
    try {
      JsonNode first = JSON.readTree(body).path("data").path(0);
      String id = first.path("id").asText("");
      if (!id.isEmpty()) {
        return new ProjectAnswer.Found(
            id, first.path("name").asText(""), first.path("organization").path("name").asText(""));
      }
    } catch (JsonProcessingException e) {
      return new ProjectAnswer.NotLangfuse(
          destination.host() + " answers with something else than JSON");
    }
    return new ProjectAnswer.NotLangfuse(destination.host() + " names no project");
  }

  private static String page(Destination destination, ProjectAnswer.Found found) {
    return destination.baseUrl() + "/project/" + escaped(found.id());
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
