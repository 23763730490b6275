package dev.turnpike.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.config.Credentials;
import dev.turnpike.config.Target;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Asks a Langfuse server two questions: how it is ({@code GET /api/public/health}, no keys) and
 * whose keys these are ({@code GET /api/public/projects}). Also reads its clock.
 */
final class Server {
  private static final int LIMIT_BYTES = 256 * 1024;
  private static final Duration CLOCK_LEEWAY = Duration.ofMinutes(2);

  private final Duration patience;

  Server(Duration patience) {
    this.patience = patience;
  }

  /** What came back. */
  private sealed interface Reply {
    /**
     * @param date the server's clock, 0 if it does not say
     */
    record Answered(int status, String body, long date) implements Reply {}

    record Silent(String why) implements Reply {}
  }

  List<Finding> judge(Target.Remote remote, Instant now) {
    String url = remote.destination().baseUrl();
    var found = new ArrayList<Finding>();
    switch (ask(url + "/api/public/health", Optional.empty())) {
      case Reply.Silent(var why) -> {
        found.add(
            Finding.problem(
                "server",
                "%s cannot be reached: %s".formatted(url, why),
                "check address, network and proxy; meanwhile traces wait and nothing is lost"));
        return found;
      }
      case Reply.Answered(var status, var body, var date) -> {
        found.add(health(url, status, body));
        clock(date, now).ifPresent(found::add);
      }
    }
    found.add(keys(url, remote.credentials()));
    return found;
  }

  private static Finding health(String url, int status, String body) {
    String version = json(body).path("version").asText("");
    if (version.isEmpty()) {
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
      case Reply.Silent(var why) ->
          Finding.warning("keys", "could not be tried: " + why, "try again: turnpike doctor");
      case Reply.Answered(var status, var body, _) when status == 200 ->
          Finding.ok(
              "keys",
              "%s is valid, project %s"
                  .formatted(
                      credentials.publicKey(), json(body).at("/data/0/name").asText("(unnamed)")));
      case Reply.Answered(var status, _, _) when status == 401 || status == 403 ->
          Finding.problem(
              "keys",
              "%s is refused by %s (%d)".formatted(credentials.publicKey(), url, status),
              "copy both keys anew from the project's settings in Langfuse, and check the region in"
                  + " LANGFUSE_BASE_URL");
      case Reply.Answered(var status, _, _) ->
          Finding.warning(
              "keys", "could not be tried: the server answered " + status, "try again later");
    };
  }

  private static Optional<Finding> clock(long date, Instant now) {
    Duration off = Duration.between(Instant.ofEpochMilli(date), now);
    return date > 0 && off.abs().compareTo(CLOCK_LEEWAY) > 0
        ? Optional.of(
            Finding.warning(
                "clock",
                "this machine's clock is %d s %s the server's"
                    .formatted(off.abs().toSeconds(), off.isNegative() ? "behind" : "ahead of"),
                "set the clock: traces will seem to lie in the past or the future"))
        : Optional.empty();
  }

  private Reply ask(String url, Optional<Credentials> credentials) {
    try {
      var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
      try {
        connection.setConnectTimeout((int) patience.toMillis());
        connection.setReadTimeout((int) patience.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("Accept", "application/json");
        credentials.ifPresent(keys -> connection.setRequestProperty("Authorization", basic(keys)));
        int status = connection.getResponseCode();
        return new Reply.Answered(status, body(connection, status), connection.getDate());
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return new Reply.Silent(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static String body(HttpURLConnection connection, int status) throws IOException {
    try (InputStream stream =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return stream == null
          ? ""
          : new String(stream.readNBytes(LIMIT_BYTES), StandardCharsets.UTF_8);
    }
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
