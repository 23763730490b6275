package dev.turnpike.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.config.Credentials;
import dev.turnpike.config.Target;
import dev.turnpike.export.Http;
import dev.turnpike.export.HttpAnswer;
import dev.turnpike.export.Statuses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks a Langfuse server two questions: how it is ({@code GET /api/public/health}, no keys) and
 * whose keys these are ({@code GET /api/public/projects}). Also reads its clock.
 */
final class Server {
  private static final Duration CLOCK_LEEWAY = Duration.ofMinutes(2);

  private final Http http;
  private final Duration patience;

  /**
   * @param http as the daemon has it: through the same proxies, with the same certificates
   */
  Server(Http http, Duration patience) {
    this.http = http;
    this.patience = patience;
  }

  List<Finding> judge(Target.Remote remote, Instant now) {
    String url = remote.destination().baseUrl();
    var found = new ArrayList<Finding>();
    switch (ask(url + "/api/public/health", Optional.empty())) {
      case HttpAnswer.Silent(var why, var advice) -> {
        found.add(
            Finding.problem(
                "server",
                "%s cannot be reached: %s".formatted(url, why),
                (advice.isEmpty() ? "check address, network and proxy" : advice)
                    + "; meanwhile traces wait and nothing is lost"));
        return found;
      }
      case HttpAnswer.Answered answer -> {
        found.add(health(url, answer));
        clock(answer.date(), now).ifPresent(found::add);
      }
    }
    found.add(keys(url, remote.credentials()));
    return found;
  }

  private static Finding health(String url, HttpAnswer.Answered answer) {
    int status = answer.status();
    String version = json(answer.body()).path("version").asText("");
    if (version.isEmpty()) {
      if (status == 429) {
        return Finding.warning(
            "server",
            "%s limits how often it is asked (429)".formatted(url),
            "traces wait and go on by themselves; if it stays so, look at the limits of your plan");
      }
      if (Statuses.onlyTls(answer)) {
        return Finding.problem(
            "server", url + " takes only TLS at this port", "write https:// in LANGFUSE_BASE_URL");
      }
      if (status == 407) {
        return Finding.problem(
            "server",
            "the proxy on the way to %s wants a log-in (407)".formatted(url),
            "write it as HTTP_PROXY=http://user:password@host:port");
      }
      return Finding.problem(
          "server",
          "%s answers %d and not as a Langfuse server does".formatted(url, status),
          "check LANGFUSE_BASE_URL: the address of the server, without a path");
    }
    return status == 200
        ? Finding.ok("server", "%s, Langfuse %s".formatted(url, version))
        : Finding.warning(
            "server",
            "%s says it is not well (%d)".formatted(url, status),
            "traces wait until it is");
  }

  private Finding keys(String url, Credentials credentials) {
    return switch (ask(url + "/api/public/projects", Optional.of(credentials))) {
      case HttpAnswer.Silent silent ->
          Finding.warning(
              "keys", "could not be tried: " + silent.inWords(), "try again: turnpike doctor");
      case HttpAnswer.Answered answer -> keys(url, credentials, answer);
    };
  }

  private static Finding keys(String url, Credentials credentials, HttpAnswer.Answered answer) {
    return switch (answer.status()) {
      case 200 ->
          Finding.ok(
              "keys",
              "%s is valid, project %s"
                  .formatted(
                      credentials.publicKey(),
                      json(answer.body()).at("/data/0/name").asText("(unnamed)")));
      case 401, 403 ->
          Finding.problem(
              "keys",
              "%s is refused by %s (%d)".formatted(credentials.publicKey(), url, answer.status()),
              "copy both keys anew from the project's settings in Langfuse, and check the region in"
                  + " LANGFUSE_BASE_URL");
      case 429 ->
          Finding.warning(
              "keys",
              "could not be tried: %s limits how often it is asked (429)".formatted(url),
              "try again later; what waits goes on by itself");
      default ->
          Finding.warning(
              "keys",
              "could not be tried: the server answered " + answer.status(),
              "try again later");
    };
  }

  private static Optional<Finding> clock(Optional<Instant> date, Instant now) {
    Duration off = Duration.between(date.orElse(now), now);
    return off.abs().compareTo(CLOCK_LEEWAY) > 0
        ? Optional.of(
            Finding.warning(
                "clock",
                "this machine's clock is %d s %s the server's"
                    .formatted(off.abs().toSeconds(), off.isNegative() ? "behind" : "ahead of"),
                "set the clock: traces will seem to lie in the past or the future"))
        : Optional.empty();
  }

  private HttpAnswer ask(String url, Optional<Credentials> credentials) {
    var headers = new HashMap<>(Map.of("Accept", "application/json"));
    credentials.ifPresent(keys -> headers.put("Authorization", basic(keys)));
    return http.get(url, headers, patience);
  }

  private static String basic(Credentials keys) {
    String pair = keys.publicKey() + ":" + keys.secretKey();
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode json(String body) {
    var mapper = new ObjectMapper();
    try {
      return mapper.readTree(body);
    } catch (IOException e) {
      // a proxy's page, say: whatever it is, it holds none of what is looked for
      return mapper.missingNode();
    }
  }
}
