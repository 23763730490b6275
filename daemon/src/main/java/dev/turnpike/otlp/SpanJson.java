package dev.turnpike.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Writes spans as OTLP's JSON, behind the head of an event. */
final class SpanJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final long NANOS = 1_000_000_000L;

  private final JsonGenerator json;
  private final Predicate<String> keeps;

  private SpanJson(JsonGenerator json, Predicate<String> keeps) {
    this.json = json;
    this.keeps = keeps;
  }

  static byte[] write(SpanEnvelope.Head head, List<SpanBatch> batches, Predicate<String> keeps) {
    var out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      new SpanJson(json, keeps).event(head, batches);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }

  private void event(SpanEnvelope.Head head, List<SpanBatch> batches) throws IOException {
    json.writeStartObject();
    json.writeStringField("session", head.session().value());
    json.writeStringField("trace", head.trace().hex());
    json.writeBooleanField("root", head.root());
    json.writeArrayFieldStart("resourceSpans");
    for (SpanBatch batch : batches) {
      batch(batch);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void batch(SpanBatch batch) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("resource");
    attributes(batch.source().resource());
    json.writeEndObject();
    json.writeArrayFieldStart("scopeSpans");
    json.writeStartObject();
    json.writeObjectFieldStart("scope");
    json.writeStringField("name", batch.source().scope());
    json.writeStringField("version", batch.source().scopeVersion());
    json.writeEndObject();
    json.writeArrayFieldStart("spans");
    for (Span span : batch.spans()) {
      span(span);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  private void span(Span span) throws IOException {
    json.writeStartObject();
    json.writeStringField("traceId", span.trace().hex());
    json.writeStringField("spanId", span.id().hex());
    if (span.parent() != null) {
      json.writeStringField("parentSpanId", span.parent().hex());
    }
    json.writeStringField("name", span.name());
    json.writeNumberField("kind", span.kind());
    json.writeStringField("startTimeUnixNano", nanos(span.start()));
    json.writeStringField("endTimeUnixNano", nanos(span.end()));
    attributes(span.attributes());
    json.writeArrayFieldStart("events");
    for (Span.Happening event : span.events()) {
      json.writeStartObject();
      json.writeStringField("timeUnixNano", nanos(event.at()));
      json.writeStringField("name", event.name());
      attributes(event.attributes());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("status");
    json.writeNumberField("code", span.status());
    json.writeStringField("message", span.statusMessage());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static String nanos(Instant at) {
    return Long.toString(
        Math.addExact(Math.multiplyExact(at.getEpochSecond(), NANOS), at.getNano()));
  }

  private void attributes(Map<String, Value> attributes) throws IOException {
    json.writeArrayFieldStart("attributes");
    for (Map.Entry<String, Value> one : attributes.entrySet()) {
      if (keeps.test(one.getKey())) {
        entry(one);
      }
    }
    json.writeEndArray();
  }

  private void entry(Map.Entry<String, Value> one) throws IOException {
    json.writeStartObject();
    json.writeStringField("key", one.getKey());
    json.writeFieldName("value");
    value(one.getValue());
    json.writeEndObject();
  }

  private void value(Value value) throws IOException {
    json.writeStartObject();
    switch (value) {
      case Value.Text(var text) -> json.writeStringField("stringValue", text);
      case Value.Bool(var bool) -> json.writeBooleanField("boolValue", bool);
      case Value.Int(var number) -> json.writeStringField("intValue", Long.toString(number));
      case Value.Real(var number) -> json.writeStringField("doubleValue", Double.toString(number));
      case Value.Items(var items) -> {
        json.writeObjectFieldStart("arrayValue");
        json.writeArrayFieldStart("values");
        for (Value item : items) {
          value(item);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      case Value.Fields(var fields) -> {
        json.writeObjectFieldStart("kvlistValue");
        json.writeArrayFieldStart("values");
        for (Map.Entry<String, Value> field : fields.entrySet()) {
          entry(field);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
    }
    json.writeEndObject();
  }
}
