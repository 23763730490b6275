package dev.turnpike.export.langfuse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.config.Destination;
import dev.turnpike.export.Http;
import dev.turnpike.export.HttpAnswer;
import dev.turnpike.export.WirePath;
import dev.turnpike.model.DestinationId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which path a destination's server takes, decided by the version its health check tells:
 *
 * <pre>
 *   3.59.0 or later                      OTLP
 *   older                                classic
 *   no answer, or no version in it       OTLP; after a 404 from it, classic
 *   classic said "type not accepted"     OTLP
 * </pre>
 *
 * Asked once an hour, and again after an answer that a server of the known version would not give.
 */
final class ServerPaths {
  private static final Duration TRUSTED = Duration.ofHours(1);
  private static final Duration TRUSTED_SILENCE = Duration.ofSeconds(30);
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Http http;
  private final Map<String, String> headers;
  private final InstantSource clock;
  private final Map<DestinationId, Known> known = new ConcurrentHashMap<>();

  ServerPaths(Http http, Map<String, String> headers, InstantSource clock) {
    this.http = http;
    this.headers = headers;
    this.clock = clock;
  }

  /**
   * A path and what it rests on.
   *
   * @param server absent if the server did not say
   * @param certain false if the path is our best guess only
   */
  record Choice(WirePath path, Optional<ServerVersion> server, boolean certain) {}

  private record Known(
      @Nullable ServerVersion server, Instant goodUntil, @Nullable WirePath learned) {}

  Choice choose(Destination destination) {
    Known fact = known.get(destination.id());
    if (fact == null || !clock.instant().isBefore(fact.goodUntil())) {
      fact = asked(destination, fact);
      known.put(destination.id(), fact);
    }
    return choice(destination, fact);
  }

  /** The next choice asks the server again. */
  void doubt(Destination destination) {
    known.computeIfPresent(
        destination.id(), (_, fact) -> new Known(fact.server(), Instant.MIN, fact.learned()));
  }

  /** What an answer taught, for as long as this process lives. */
  void learn(Destination destination, WirePath path) {
    known.compute(
        destination.id(),
        (_, fact) ->
            fact == null
                ? new Known(null, Instant.MIN, path)
                : new Known(fact.server(), fact.goodUntil(), path));
  }

  void forget(Destination destination) {
    known.remove(destination.id());
  }

  private static Choice choice(Destination destination, Known fact) {
    Optional<ServerVersion> server = Optional.ofNullable(fact.server());
    if (fact.learned() == WirePath.OTLP) {
      return new Choice(WirePath.OTLP, server, true);
    }
    return switch (destination.exporter()) {
      case OTLP -> new Choice(WirePath.OTLP, server, true);
      case CLASSIC -> new Choice(WirePath.CLASSIC, server, true);
      case AUTO ->
          server
              .map(
                  version ->
                      new Choice(
                          version.atLeast(ServerVersion.READS_OUR_OTLP)
                              ? WirePath.OTLP
                              : WirePath.CLASSIC,
                          server,
                          true))
              .orElseGet(
                  () ->
                      fact.learned() == WirePath.CLASSIC
                          ? new Choice(WirePath.CLASSIC, server, true)
                          : new Choice(WirePath.OTLP, server, false));
    };
  }

  private Known asked(Destination destination, @Nullable Known before) {
    HttpAnswer answer = http.get(destination.baseUrl() + "/api/public/health", headers, LIMIT);
    ServerVersion last = before == null ? null : before.server();
    WirePath learned = before == null ? null : before.learned();
    Instant now = clock.instant();
    return switch (answer) {
      case HttpAnswer.Silent _ -> new Known(last, now.plus(TRUSTED_SILENCE), learned);
      case HttpAnswer.Answered answered ->
          version(answered)
              .map(version -> new Known(version, now.plus(TRUSTED), learned))
              .orElseGet(() -> new Known(last, now.plus(TRUSTED), learned));
    };
  }

  private static Optional<ServerVersion> version(HttpAnswer.Answered answer) {
    // A server that is up but unwell answers 503 with its version; a page of something else has
    // none.
    try {
      var node = JSON.readTree(answer.body());
      return node == null ? Optional.empty() : ServerVersion.parse(node.path("version").asText(""));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
