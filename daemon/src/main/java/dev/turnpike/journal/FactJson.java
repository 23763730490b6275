package dev.turnpike.journal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.turnpike.model.BatchId;
import dev.turnpike.model.Caller;
import dev.turnpike.model.Event;
import dev.turnpike.model.EventBody;
import dev.turnpike.model.EventId;
import dev.turnpike.model.SessionKey;
import dev.turnpike.model.TurnKey;
import dev.turnpike.platform.IsoTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Writes the payload of a record: JSON, times as ISO text with nanoseconds. An event with an inline
 * body is its JSON head, a newline, and the body's raw bytes. {@link FactParser} reads it back;
 * samples stand in docs/journal-format.md.
 */
final class FactJson {
  static final int EVENT_ACCEPTED = 1;
  static final int EVENTS_DROPPED = 2;
  static final int STEP_TAKEN = 3;
  static final int BATCHES_QUEUED = 4;
  static final int BATCH_SETTLED = 5;
  static final int BATCH_REPLACED = 6;
  static final int BATCH_BURIED = 7;
  static final int BATCH_REVIVED = 8;
  static final int BATCH_DROPPED = 9;
  static final int SESSION_PAUSED = 10;
  static final int SESSION_FORGOTTEN = 11;
  static final int PROMPT_DECLINED = 12;
  static final int SESSION_KEPT = 32;
  static final int EVENTS_REMEMBERED = 33;
  static final int BURIED_KEPT = 34;

  /** A record's kind and payload. */
  record Encoded(int kind, byte[] payload) {}

  private static final int LAST_BEFORE_SURROGATES = 0xD7FF;
  private static final JsonFactory JSON = new JsonFactory();

  private FactJson() {}

  static Encoded encode(Fact fact) {
    var bytes = new ByteArrayOutputStream(256);
    try {
      int kind;
      try (JsonGenerator json = JSON.createGenerator(bytes)) {
        // Half a surrogate pair is no UTF-8, but may stand in what agents write: escaped, it
        // survives.
        json.setHighestNonEscapedChar(LAST_BEFORE_SURROGATES);
        json.writeStartObject();
        kind =
            switch (fact) {
              case Fact.Told(var entry, var at) -> {
                json.writeStringField("at", IsoTime.text(at));
                yield entry(json, entry);
              }
              case Fact.SessionKept(var session, var exported) -> {
                session(json, session.key());
                json.writeStringField("memory", session.memory());
                json.writeBooleanField("paused", session.paused());
                json.writeStringField("lastStep", IsoTime.text(session.lastStep()));
                json.writeNumberField("turns", session.turns());
                texts(json, "exported", exported.stream().map(TurnKey::value).toList());
                yield SESSION_KEPT;
              }
              case Fact.EventsRemembered(var events) -> {
                texts(json, "events", events.stream().map(EventId::value).toList());
                yield EVENTS_REMEMBERED;
              }
              case Fact.BuriedKept(var buried) -> {
                json.writeFieldName("batch");
                batch(json, buried.ref());
                json.writeStringField("reason", buried.reason());
                json.writeStringField("buriedAt", IsoTime.text(buried.at()));
                yield BURIED_KEPT;
              }
            };
        json.writeEndObject();
      }
      if (fact instanceof Fact.Told(Entry.EventAccepted(var event), _)
          && event.body() instanceof EventBody.Inline(var body)) {
        bytes.write('\n');
        bytes.writeBytes(body);
      }
      return new Encoded(kind, bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }

  private static int entry(JsonGenerator json, Entry entry) throws IOException {
    return switch (entry) {
      case Entry.EventAccepted(var event) -> {
        event(json, event);
        yield EVENT_ACCEPTED;
      }
      case Entry.EventsDropped(var events, var reason) -> {
        texts(json, "events", events.stream().map(EventId::value).sorted().toList());
        json.writeStringField("reason", reason);
        yield EVENTS_DROPPED;
      }
      case Entry.StepTaken(var step) -> {
        step(json, step);
        yield STEP_TAKEN;
      }
      case Entry.BatchesQueued(var batches) -> {
        batches(json, "batches", batches);
        yield BATCHES_QUEUED;
      }
      case Entry.BatchSettled(var batch) -> named(json, batch, BATCH_SETTLED);
      case Entry.BatchReplaced(var batch, var by, var reason) -> {
        batches(json, "by", by);
        json.writeStringField("reason", reason);
        yield named(json, batch, BATCH_REPLACED);
      }
      case Entry.BatchBuried(var batch, var reason) -> {
        json.writeStringField("reason", reason);
        yield named(json, batch, BATCH_BURIED);
      }
      case Entry.BatchRevived(var batch) -> named(json, batch, BATCH_REVIVED);
      case Entry.BatchDropped(var batch, var reason) -> {
        json.writeStringField("reason", reason);
        yield named(json, batch, BATCH_DROPPED);
      }
      case Entry.SessionPaused(var session, var paused) -> {
        session(json, session);
        json.writeBooleanField("paused", paused);
        yield SESSION_PAUSED;
      }
      case Entry.PromptDeclined(var id, var session, var prompt) -> {
        json.writeStringField("id", id.value());
        session(json, session);
        if (prompt.isPresent()) {
          json.writeStringField("prompt", prompt.get());
        }
        yield PROMPT_DECLINED;
      }
      case Entry.SessionForgotten(var session) -> {
        session(json, session);
        yield SESSION_FORGOTTEN;
      }
    };
  }

  private static int named(JsonGenerator json, BatchId batch, int kind) throws IOException {
    json.writeStringField("batch", batch.value());
    return kind;
  }

  private static void step(JsonGenerator json, Step step) throws IOException {
    session(json, step.session());
    json.writeStringField("stepAt", IsoTime.text(step.at()));
    texts(json, "consumed", step.consumed().stream().map(EventId::value).sorted().toList());
    json.writeStringField("memory", step.memory());
    batches(json, "queued", step.queued());
    texts(json, "exported", step.exported().stream().map(TurnKey::value).sorted().toList());
  }

  private static void event(JsonGenerator json, Event event) throws IOException {
    json.writeStringField("id", event.id().value());
    json.writeStringField("agent", event.agent().value());
    json.writeStringField("eventAt", IsoTime.text(event.at()));
    json.writeStringField("destination", event.destination().value());
    Caller caller = event.caller();
    json.writeObjectFieldStart("caller");
    if (caller.cwd() != null) {
      json.writeStringField("cwd", caller.cwd());
    }
    json.writeNumberField("parentPid", caller.parentPid());
    json.writeStringField("client", caller.clientVersion());
    if (caller.eventName() != null) {
      json.writeStringField("event", caller.eventName());
    }
    json.writeBooleanField("truncated", caller.truncated());
    json.writeObjectFieldStart("environment");
    for (Map.Entry<String, String> variable : caller.environment().entrySet()) {
      json.writeStringField(variable.getKey(), variable.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
    if (event.body() instanceof EventBody.Spilled(var file, var size)) {
      json.writeStringField("file", file.toString());
      json.writeNumberField("size", size);
    }
  }

  private static void batches(JsonGenerator json, String field, List<BatchRef> batches)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (BatchRef batch : batches) {
      batch(json, batch);
    }
    json.writeEndArray();
  }

  private static void batch(JsonGenerator json, BatchRef batch) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", batch.id().value());
    json.writeStringField("destination", batch.destination().value());
    session(json, batch.session());
    json.writeStringField("trace", batch.trace().hex());
    json.writeNumberField("spans", batch.spans());
    json.writeNumberField("bytes", batch.bytes());
    json.writeStringField("staged", IsoTime.text(batch.staged()));
    json.writeEndObject();
  }

  private static void session(JsonGenerator json, SessionKey session) throws IOException {
    json.writeStringField("agent", session.agent().value());
    json.writeStringField("session", session.session().value());
  }

  private static void texts(JsonGenerator json, String field, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  /** For records that are written at another time than they speak of. */
  static Encoded encode(Entry entry, Instant at) {
    return encode(new Fact.Told(entry, at));
  }
}
