package dev.turnpike.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.turnpike.model.AgentId;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.DestinationId;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TraceId;
import dev.turnpike.model.TurnKey;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what {@link FactJson} wrote. Fields it does not know are ignored. */
final class FactParser {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FactParser() {}

  /**
   * Empty if the payload is not what its kind promises, or the kind is one we do not know (of a
   * newer version).
   */
  static Optional<Fact> parse(int kind, byte[] payload) {
    int headEnd = payload.length;
    if (kind == FactJson.EVENT_ACCEPTED) {
      headEnd = 0;
      while (headEnd < payload.length && payload[headEnd] != '\n') {
        headEnd++;
      }
    }
    try {
      JsonNode json = JSON.readTree(payload, 0, headEnd);
      return Optional.ofNullable(fact(kind, json, payload, headEnd));
    } catch (IOException
        | IllegalArgumentException
        | DateTimeException
            e) { // what a foreign or half-new record may throw; the caller counts it
      return Optional.empty();
    }
  }

  private static @Nullable Fact fact(int kind, JsonNode json, byte[] payload, int headEnd) {
    return switch (kind) {
      case FactJson.SESSION_KEPT ->
          new Fact.SessionKept(
              new SessionRecord(
                  session(json),
                  text(json, "memory"),
                  json.path("paused").asBoolean(),
                  Instant.parse(text(json, "lastStep")),
                  json.path("turns").asInt()),
              texts(json, "exported", TurnKey::new));
      case FactJson.EVENTS_REMEMBERED ->
          new Fact.EventsRemembered(texts(json, "events", EventId::new));
      case FactJson.BURIED_KEPT ->
          new Fact.BuriedKept(
              new Buried(
                  batch(json.path("batch")),
                  text(json, "reason"),
                  Instant.parse(text(json, "buriedAt"))));
      default -> told(json, entry(kind, json, payload, headEnd));
    };
  }

  private static @Nullable Fact told(JsonNode json, @Nullable Entry entry) {
    if (entry == null) {
      return null;
    }
    return new Fact.Told(entry, Instant.parse(text(json, "at")));
  }

  private static @Nullable Entry entry(int kind, JsonNode json, byte[] payload, int headEnd) {
    return switch (kind) {
      case FactJson.EVENT_ACCEPTED -> new Entry.EventAccepted(event(json, payload, headEnd));
      case FactJson.EVENTS_DROPPED ->
          new Entry.EventsDropped(set(texts(json, "events", EventId::new)), text(json, "reason"));
      case FactJson.STEP_TAKEN ->
          new Entry.StepTaken(
              new Step(
                  session(json),
                  Instant.parse(text(json, "stepAt")),
                  set(texts(json, "consumed", EventId::new)),
                  text(json, "memory"),
                  batches(json, "queued"),
                  set(texts(json, "exported", TurnKey::new))));
      case FactJson.BATCHES_QUEUED -> new Entry.BatchesQueued(batches(json, "batches"));
      case FactJson.BATCH_SETTLED -> new Entry.BatchSettled(batchId(json));
      case FactJson.BATCH_REPLACED ->
          new Entry.BatchReplaced(batchId(json), batches(json, "by"), text(json, "reason"));
      case FactJson.BATCH_BURIED -> new Entry.BatchBuried(batchId(json), text(json, "reason"));
      case FactJson.BATCH_REVIVED -> new Entry.BatchRevived(batchId(json));
      case FactJson.BATCH_DROPPED -> new Entry.BatchDropped(batchId(json), text(json, "reason"));
      case FactJson.SESSION_PAUSED ->
          new Entry.SessionPaused(session(json), json.path("paused").asBoolean());
      case FactJson.PROMPT_DECLINED ->
          new Entry.PromptDeclined(
              new EventId(text(json, "id")),
              session(json),
              json.hasNonNull("prompt") ? Optional.of(text(json, "prompt")) : Optional.empty());
      case FactJson.SESSION_FORGOTTEN -> new Entry.SessionForgotten(session(json));
      default -> null;
    };
  }

  private static Event event(JsonNode json, byte[] payload, int headEnd) {
    JsonNode caller = json.path("caller");
    var environment = new LinkedHashMap<String, String>();
    caller.path("environment").forEachEntry((name, value) -> environment.put(name, value.asText()));
    return new Event(
        new EventId(text(json, "id")),
        new AgentId(text(json, "agent")),
        Instant.parse(text(json, "eventAt")),
        new Caller(
            caller.hasNonNull("cwd") ? text(caller, "cwd") : null,
            caller.path("parentPid").asLong(),
            text(caller, "client"),
            caller.hasNonNull("event") ? text(caller, "event") : null,
            environment,
            caller.path("truncated").asBoolean()),
        new DestinationId(text(json, "destination")),
        body(json, payload, headEnd));
  }

  private static EventBody body(JsonNode json, byte[] payload, int headEnd) {
    if (!json.hasNonNull("file")) {
      int from = Math.min(headEnd + 1, payload.length);
      return new EventBody.Inline(Arrays.copyOfRange(payload, from, payload.length));
    }
    try {
      return new EventBody.Spilled(Path.of(text(json, "file")), json.path("size").asLong());
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("not a path in a spilled event", e);
    }
  }

  private static List<BatchRef> batches(JsonNode json, String field) {
    var all = new ArrayList<BatchRef>();
    json.path(field).forEach(node -> all.add(batch(node)));
    return all;
  }

  private static BatchRef batch(JsonNode json) {
    return new BatchRef(
        new BatchId(text(json, "id")),
        new DestinationId(text(json, "destination")),
        session(json),
        new TraceId(text(json, "trace")),
        json.path("spans").asInt(),
        json.path("bytes").asLong(),
        Instant.parse(text(json, "staged")));
  }

  private static BatchId batchId(JsonNode json) {
    return new BatchId(text(json, "batch"));
  }

  private static SessionKey session(JsonNode json) {
    return new SessionKey(new AgentId(text(json, "agent")), new SessionId(text(json, "session")));
  }

  private static String text(JsonNode json, String field) {
    JsonNode node = json.path(field);
    if (!node.isTextual()) {
      throw new IllegalArgumentException("no text in field " + field);
    }
    return node.asText();
  }

  private static <T> List<T> texts(JsonNode json, String field, Function<String, T> make) {
    var all = new ArrayList<T>();
    json.path(field).forEach(node -> all.add(make.apply(node.asText())));
    return all;
  }

  private static <T> Set<T> set(List<T> list) {
    return new HashSet<>(list);
  }
}
