package dev.turnpike.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.config.Destination;
import dev.turnpike.outbox.SendResult;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a status means for the batch, for every HTTP backend: the table of the Langfuse contract,
 * section 2, from which OTLP's own does not differ. The exporter looks at what is particular to it
 * (a partial success, a missing route) before it asks here.
 */
public final class Statuses {
  public static final Duration RECHECK_KEYS = Duration.ofMinutes(15);
  public static final Duration RECHECK_SUSPENDED = Duration.ofHours(1);
  private static final Duration RATE_LIMIT_UNSAID = Duration.ofSeconds(30);
  private static final Duration RETRY_AFTER_MOST = Duration.ofMinutes(5);

  /** What nginx, Apache and Go's servers say to plain HTTP at their TLS port, with a 400. */
  private static final Pattern PLAIN_TO_TLS =
      Pattern.compile(
          "plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled"
              + "|HTTP request to an HTTPS server");

  private static final ObjectMapper JSON = new ObjectMapper();

  private Statuses() {}

  public static SendResult meaning(HttpAnswer answer, Destination destination) {
    return switch (answer) {
      case HttpAnswer.Silent silent ->
          new SendResult.RetryLater(silent.inWords(), Optional.empty());
      case HttpAnswer.Answered answered -> meaning(answered, destination);
    };
  }

  private static SendResult meaning(HttpAnswer.Answered answer, Destination destination) {
    int status = answer.status();
    String reason = reason(answer);
    if (status >= 200 && status < 300) {
      // A log-in page of a network in between answers 200 too; believing it would lose the batch.
      return answer.contentType().equals("text/html")
          ? new SendResult.RetryLater(
              "a web page came back instead of an answer of the API: is there a proxy or log-in"
                  + " page before "
                  + destination.host()
                  + "?",
              Optional.empty())
          : new SendResult.Accepted();
    }
    if (status >= 300 && status < 400) {
      return new SendResult.Unauthorized(
          "%s redirects to %s; not followed, so that the keys go nowhere else: set LANGFUSE_BASE_URL to the address itself"
              .formatted(destination.host(), target(answer.location())),
          RECHECK_KEYS);
    }
    return switch (status) {
      case 401 ->
          new SendResult.Unauthorized(
              reason
                  + " (the server refuses the keys: copy both anew from the project's settings, and"
                  + " check the region in LANGFUSE_BASE_URL)",
              RECHECK_KEYS);
      case 407 ->
          new SendResult.Unauthorized(
              reason
                  + " (the proxy wants a log-in: write it as"
                  + " HTTP_PROXY=http://user:password@host:port)",
              RECHECK_KEYS);
      case 403 -> new SendResult.Unauthorized(reason, RECHECK_SUSPENDED);
      case 413 ->
          new SendResult.TooLarge(
              reason
                  + " (a proxy before the server may have a limit of its own; nginx:"
                  + " client_max_body_size)");
      case 429 ->
          new SendResult.RetryLater(
              reason + " (the server limits how much it takes; it goes on by itself)",
              Optional.of(
                  answer
                      .retryAfter()
                      .filter(Duration::isPositive)
                      .map(Statuses::limited)
                      .orElse(RATE_LIMIT_UNSAID)));
      case 408, 425 -> new SendResult.RetryLater(reason, asked(answer));
      case 400 -> badRequest(answer, destination, reason);
      default ->
          status >= 500
              ? new SendResult.RetryLater(reason, asked(answer))
              : new SendResult.Refused(reason);
    };
  }

  /** Whether a server says that it was spoken to without TLS at its TLS port. */
  public static boolean onlyTls(HttpAnswer.Answered answer) {
    return answer.status() == 400 && PLAIN_TO_TLS.matcher(answer.body()).find();
  }

  private static SendResult badRequest(
      HttpAnswer.Answered answer, Destination destination, String reason) {
    return onlyTls(answer)
        ? new SendResult.Unauthorized(
            "%s takes only TLS at this port: write https:// in LANGFUSE_BASE_URL"
                .formatted(destination.host()),
            RECHECK_KEYS)
        : new SendResult.Refused(reason);
  }

  /** The status and what the server said of it, in one short line. */
  public static String reason(HttpAnswer.Answered answer) {
    String said = said(answer);
    return said.isEmpty() ? "HTTP " + answer.status() : "HTTP " + answer.status() + ": " + said;
  }

  private static String said(HttpAnswer.Answered answer) {
    if (answer.contentType().equals("text/html")) {
      return "";
    }
    try {
      JsonNode node = JSON.readTree(answer.body());
      if (node != null && node.isObject()) {
        String error = node.path("error").asText("");
        String message = node.path("message").asText("");
        return Http.clean(message.isEmpty() ? error : message);
      }
    } catch (JsonProcessingException e) {
      // Not JSON: the text itself is what the server said.
      return Http.clean(answer.body());
    }
    return Http.clean(answer.body());
  }

  private static String target(@Nullable String location) {
    if (location == null) {
      return "an unnamed place";
    }
    try {
      String host = URI.create(location).getHost();
      return host == null ? "another path (" + Http.clean(location) + ")" : host;
    } catch (IllegalArgumentException e) {
      return Http.clean(location);
    }
  }

  /** A time that is over, or none at all, is left to our own patience. */
  private static Optional<Duration> asked(HttpAnswer.Answered answer) {
    return answer.retryAfter().filter(Duration::isPositive).map(Statuses::limited);
  }

  private static Duration limited(Duration asked) {
    return asked.compareTo(RETRY_AFTER_MOST) > 0 ? RETRY_AFTER_MOST : asked;
  }
}
