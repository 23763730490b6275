package dev.turnpike.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Classic ingestion: judges each event of a request and keeps what is accepted. Not thread-safe.
 */
final class ClassicRows {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> OLD_TYPES =
      Set.of("trace-create", "span-create", "generation-create", "event-create");
  private static final Set<String> NEW_TYPES = Set.of("agent-create", "tool-create");
  private static final Set<String> LEVELS = Set.of("DEBUG", "DEFAULT", "WARNING", "ERROR");

  private final Mode mode;
  private final Consumer<String> warn;
  private final Map<String, JsonNode> traces = new LinkedHashMap<>();
  private final Map<String, Integer> eventIds = new LinkedHashMap<>();

  ClassicRows(Mode mode, Consumer<String> warn) {
    this.mode = mode;
    this.warn = warn;
  }

  /** The bodies of trace-create by trace id. */
  Map<String, JsonNode> traces() {
    return traces;
  }

  /**
   * Judges and stores the events of one request.
   *
   * @param failFirst status for the first event, if a fault wants one
   * @param rows where accepted observations go
   * @return the body of the 207
   */
  ObjectNode ingest(
      JsonNode batch,
      Optional<Integer> failFirst,
      int request,
      int firstSeq,
      List<LangfuseRow> rows) {
    ObjectNode answer = JSON.createObjectNode();
    var successes = answer.putArray("successes");
    var errors = answer.putArray("errors");
    boolean first = true;
    for (JsonNode event : batch) {
      String id = event.path("id").asText("unknown");
      Optional<String> problem = problem(event);
      if (!mode.classic()) {
        errors
            .addObject()
            .put("id", id)
            .put("status", 400)
            .put("message", "Event type not accepted")
            .put("error", "Event type is not accepted when the write mode is events_only.");
      } else if (first && failFirst.isPresent()) {
        errors.addObject().put("id", id).put("status", failFirst.get()).put("error", "injected");
      } else if (problem.isPresent()) {
        errors
            .addObject()
            .put("id", id)
            .put("status", 400)
            .put("message", "Invalid request data")
            .put("error", problem.get());
      } else {
        store(event, request, firstSeq, rows);
        successes.addObject().put("id", id).put("status", 201);
      }
      first = false;
    }
    return answer;
  }

  private Optional<String> problem(JsonNode event) {
    String type = event.path("type").asText("");
    boolean known =
        OLD_TYPES.contains(type) || (NEW_TYPES.contains(type) && mode.atLeast(3, 98, 2));
    if (!known) {
      return Optional.of("Invalid discriminator value " + type);
    }
    JsonNode body = event.path("body");
    if (event.path("id").asText("").isEmpty() || body.path("id").asText("").isEmpty()) {
      return Optional.of("id is required");
    }
    for (JsonNode time :
        List.of(
            event.path("timestamp"),
            body.path("timestamp"),
            body.path("startTime"),
            body.path("endTime"),
            body.path("completionStartTime"))) {
      if (!time.isMissingNode() && instant(time).isEmpty()) {
        return Optional.of("Invalid ISO datetime " + time);
      }
    }
    if (body.has("level") && !LEVELS.contains(body.path("level").asText())) {
      return Optional.of("Invalid level");
    }
    return Optional.empty();
  }

  private void store(JsonNode event, int request, int firstSeq, List<LangfuseRow> rows) {
    JsonNode body = event.path("body");
    if (eventIds.merge(event.path("id").asText(), 1, Integer::sum) > 1) {
      warn.accept("event-twice " + event.path("id").asText());
    }
    if (event.path("type").asText().equals("trace-create")) {
      traces.put(body.path("id").asText(), body);
      if (!body.has("sessionId") || !body.has("userId")) {
        warn.accept("trace-without-session-or-user " + body.path("id").asText());
      }
    } else {
      rows.add(row(event.path("type").asText(), body, request, firstSeq + rows.size()));
    }
  }

  private LangfuseRow row(String eventType, JsonNode body, int request, int seq) {
    String id = body.path("id").asText();
    if (!body.has("traceId") || !body.has("startTime")) {
      warn.accept("observation-without-trace-or-start span=" + id);
    }
    Instant start = instant(body.path("startTime")).orElse(Instant.EPOCH);
    return new LangfuseRow(
        seq,
        request,
        "classic",
        body.path("traceId").asText(),
        id,
        text(body, "parentObservationId"),
        body.path("name").asText(),
        eventType.replace("-create", "").toUpperCase(Locale.ROOT),
        start,
        instant(body.path("endTime")).orElse(start),
        body.path("level").asText("DEFAULT"),
        text(body, "statusMessage"),
        text(body, "model"),
        OtlpRows.texts(body.path("modelParameters")),
        usage(body),
        body.path("costDetails").path("total").isNumber()
            ? new BigDecimal(body.path("costDetails").path("total").asText())
            : null,
        text(body, "completionStartTime"),
        content(body.path("input")),
        content(body.path("output")),
        null,
        null,
        List.of(),
        null,
        text(body, "environment"),
        text(body, "version"),
        null,
        OtlpRows.texts(body.path("metadata")));
  }

  private Map<String, Long> usage(JsonNode body) {
    var usage = new LinkedHashMap<String, Long>();
    JsonNode details =
        mode.atLeast(3, 2, 0) && body.has("usageDetails")
            ? body.path("usageDetails")
            : body.path("usage");
    details
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isIntegralNumber()) {
                usage.put(entry.getKey(), entry.getValue().asLong());
              }
            });
    return usage;
  }

  List<LangfuseTrace> views(List<LangfuseRow> rows) {
    var views = new ArrayList<LangfuseTrace>();
    traces.forEach(
        (id, body) -> {
          var tags = new ArrayList<String>();
          body.path("tags").forEach(tag -> tags.add(tag.asText()));
          views.add(
              TraceViews.of(
                  id,
                  rows,
                  text(body, "name"),
                  text(body, "sessionId"),
                  text(body, "userId"),
                  tags,
                  content(body.path("input")),
                  content(body.path("output"))));
        });
    return views;
  }

  private static @Nullable String text(JsonNode body, String field) {
    return body.hasNonNull(field) ? body.path(field).asText() : null;
  }

  /** Text as it is, anything else as JSON text: as the reading API gives it. */
  private static @Nullable String content(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    return value.isTextual() ? value.asText() : value.toString();
  }

  private static Optional<Instant> instant(JsonNode value) {
    try {
      return value.isMissingNode() ? Optional.empty() : Optional.of(Instant.parse(value.asText()));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
