package dev.turnpike.export.langfuse;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.export.Attribute;
import dev.turnpike.export.Encoded;
import dev.turnpike.export.Exporter;
import dev.turnpike.export.Gzip;
import dev.turnpike.export.Http;
import dev.turnpike.export.HttpAnswer;
import dev.turnpike.export.OtlpSpan;
import dev.turnpike.export.OtlpTraces;
import dev.turnpike.export.Statuses;
import dev.turnpike.export.Wire;
import dev.turnpike.export.WirePath;
import dev.turnpike.model.Trace;
import dev.turnpike.outbox.Batch;
import dev.turnpike.outbox.SendResult;
import dev.turnpike.platform.HostFacts;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Langfuse by OTLP, and by classic ingestion where the server is too old for that. */
public final class LangfuseExporter implements Exporter {
  private static final int MIB = 1024 * 1024;
  private static final int LIMIT_OTLP_BYTES = 2 * MIB;
  private static final int LIMIT_OTLP_SPAN_BYTES = 4 * MIB;
  private static final int LIMIT_CLASSIC_BYTES = 3 * MIB;
  private static final int WORTH_COMPRESSING_BYTES = 1024;
  private static final int LIMIT_PARTIAL_ANSWER_BYTES = MIB;
  private static final Duration LIMIT_CALL = Duration.ofSeconds(30);

  private final Http http;
  private final Headers headers;
  private final ServerPaths paths;
  private final String version;
  private final List<Attribute> resource;
  private final Duration callLimit;

  /**
   * @param version our own
   */
  public LangfuseExporter(Http http, HostFacts host, String version, InstantSource clock) {
    this(http, host, version, clock, LIMIT_CALL);
  }

  LangfuseExporter(
      Http http, HostFacts host, String version, InstantSource clock, Duration callLimit) {
    this.http = http;
    this.version = version;
    this.headers = new Headers(version);
    this.paths = new ServerPaths(http, headers.anonymous(), clock);
    this.callLimit = callLimit;
    // They land in the metadata of every row: few, and nothing private.
    this.resource =
        List.of(
            new Attribute.Text("service.name", "turnpike"),
            new Attribute.Text("service.version", version),
            new Attribute.Text("host.name", host.host()),
            new Attribute.Text("os.type", host.os().equals("macos") ? "darwin" : host.os()));
  }

  @Override
  public Encoded encode(Batch batch, Destination destination) {
    ServerPaths.Choice choice = paths.choose(destination);
    return switch (choice.path()) {
      case OTLP -> otlp(batch.trace());
      case CLASSIC -> classic(batch.trace(), choice.server());
    };
  }

  private Encoded otlp(Trace trace) {
    List<OtlpSpan> spans =
        trace.observations().stream()
            .map(
                observation ->
                    new OtlpSpan(observation.frame(), LangfuseAttributes.observation(observation)))
            .toList();
    byte[] plain =
        new OtlpTraces(
                resource,
                "turnpike",
                version,
                trace.id(),
                LangfuseAttributes.context(trace.context()),
                spans)
            .encode();
    int limit = spans.size() == 1 ? LIMIT_OTLP_SPAN_BYTES : LIMIT_OTLP_BYTES;
    if (plain.length > limit) {
      return tooLarge(plain.length, limit);
    }
    boolean gzip = plain.length > WORTH_COMPRESSING_BYTES;
    return new Encoded.Ready(
        new Wire(WirePath.OTLP, gzip, spans.size(), gzip ? Gzip.compress(plain) : plain));
  }

  private static Encoded classic(Trace trace, Optional<ServerVersion> server) {
    var encoder = new ClassicEncoder(trace, server.orElse(null));
    byte[] body = encoder.encode();
    return body.length > LIMIT_CLASSIC_BYTES
        ? tooLarge(body.length, LIMIT_CLASSIC_BYTES)
        : new Encoded.Ready(new Wire(WirePath.CLASSIC, false, encoder.events(), body));
  }

  private static Encoded tooLarge(int bytes, int limit) {
    return new Encoded.TooLarge(bytes + " bytes, more than the " + limit + " we send at once");
  }

  @Override
  public SendResult send(Wire wire, Destination destination, Credentials credentials) {
    ServerPaths.Choice choice = paths.choose(destination);
    if (choice.certain() && choice.path() != wire.path()) {
      return otherPath(destination, choice);
    }
    HttpAnswer answer = withoutSecret(post(wire, destination, credentials), credentials);
    return answer instanceof HttpAnswer.Answered answered
        ? meaning(answered, wire, destination)
        : Statuses.meaning(answer, destination);
  }

  private HttpAnswer post(Wire wire, Destination destination, Credentials credentials) {
    Map<String, String> all = headers.with(credentials);
    all.put("Content-Type", wire.contentType());
    if (wire.gzip()) {
      all.put("Content-Encoding", "gzip");
    }
    return switch (wire.path()) {
      case OTLP -> {
        all.put("x-langfuse-ingestion-version", "4");
        yield http.post(
            destination.baseUrl() + "/api/public/otel/v1/traces",
            all,
            wire.body(),
            callLimit,
            Http.LIMIT_ANSWER_BYTES);
      }
      case CLASSIC ->
          http.post(
              destination.baseUrl() + "/api/public/ingestion",
              all,
              wire.body(),
              callLimit,
              LIMIT_PARTIAL_ANSWER_BYTES);
    };
  }

  private SendResult meaning(HttpAnswer.Answered answer, Wire wire, Destination destination) {
    return switch (answer.status()) {
      case 207 -> partial(answer, wire, destination);
      case 404, 405 -> notThere(answer, wire, destination);
      case 401 -> {
        paths.doubt(destination);
        yield Statuses.meaning(answer, destination);
      }
      default -> Statuses.meaning(answer, destination);
    };
  }

  private SendResult partial(HttpAnswer.Answered answer, Wire wire, Destination destination) {
    if (wire.path() != WirePath.CLASSIC) {
      return Statuses.meaning(answer, destination);
    }
    if (!answer.whole()) {
      return new SendResult.RetryLater("the 207 answer was cut off", Optional.empty());
    }
    SendResult result = ClassicAnswer.meaning(answer.body(), wire.items());
    if (result instanceof SendResult.OtherPath) {
      paths.learn(destination, WirePath.OTLP);
    }
    return result;
  }

  /**
   * An old server, an address with a wrong path, or (405) a request that something in between did
   * not like.
   */
  private SendResult notThere(HttpAnswer.Answered answer, Wire wire, Destination destination) {
    paths.doubt(destination);
    ServerPaths.Choice again = paths.choose(destination);
    if (again.certain() && again.path() != wire.path()) {
      return otherPath(destination, again);
    }
    if (answer.status() != 404) {
      return Statuses.meaning(answer, destination);
    }
    if (!again.certain() && wire.path() == WirePath.OTLP) {
      paths.learn(destination, WirePath.CLASSIC);
      return new SendResult.OtherPath("no OTLP route at " + destination.baseUrl());
    }
    paths.forget(destination);
    return new SendResult.Unauthorized(
        "no Langfuse API at " + destination.baseUrl() + " (404): check LANGFUSE_BASE_URL",
        Statuses.RECHECK_KEYS);
  }

  private static SendResult otherPath(Destination destination, ServerPaths.Choice choice) {
    String server = choice.server().map(known -> "Langfuse " + known).orElse("the server");
    String path = choice.path() == WirePath.OTLP ? "OTLP" : "classic ingestion";
    return new SendResult.OtherPath(destination.host() + ": " + server + " takes " + path);
  }

  private static HttpAnswer withoutSecret(HttpAnswer answer, Credentials credentials) {
    return switch (answer) {
      case HttpAnswer.Silent silent -> silent;
      case HttpAnswer.Answered answered ->
          answered.withBody(Headers.withoutSecret(answered.body(), credentials));
    };
  }

  @Override
  public void close() {
    http.close();
  }
}
