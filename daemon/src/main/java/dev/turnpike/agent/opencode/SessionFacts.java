package dev.turnpike.agent.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is known of one session, root or sub-agent's, beside its messages. */
final class SessionFacts {
  /** A model request is about to be sent: the best clock for its start. */
  record Request(Instant at, String agent, JsonNode said) {}

  /** A failed attempt of a model request. */
  record Retry(String event, Instant at, long attempt, String message, long nextMillis) {}

  /** An error that may belong to no message. */
  record Failure(String event, Instant at, String name, String message) {}

  @Nullable String version;
  @Nullable String directory;
  Instant created = Instant.EPOCH;
  String lastIdle = "";

  private String toldBy = "";
  final TreeMap<String, Request> requests = new TreeMap<>();
  final TreeMap<String, Retry> retries = new TreeMap<>();
  final TreeMap<String, Failure> failures = new TreeMap<>();

  void tell(JsonNode info, String event) {
    if (event.compareTo(toldBy) < 0) {
      return;
    }
    toldBy = event;
    version = Json.text(info, "version");
    directory = Json.text(info, "directory");
    Instant said = Json.time(info, "created");
    created = said == null ? created : said;
  }

  void idle(String event) {
    if (event.compareTo(lastIdle) > 0) {
      lastIdle = event;
    }
  }
}
