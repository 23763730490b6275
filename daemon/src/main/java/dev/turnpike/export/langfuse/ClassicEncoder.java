package dev.turnpike.export.langfuse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Observation;
import dev.turnpike.model.SpanId;
import dev.turnpike.model.Trace;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.Usage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Classic ingestion, for servers below 3.59. A batch with the root brings the trace itself too; the
 * others are observations of a trace that comes later or was there before (the server fixes a
 * trace's time by the first event, so only the root may send it).
 *
 * <pre>
 *   {"batch":[{"id":"tp1.&lt;trace&gt;.&lt;span&gt;.t","type":"trace-create","timestamp":"...","body":{...}},
 *             {"id":"tp1.&lt;trace&gt;.&lt;span&gt;.o","type":"generation-create","timestamp":"...","body":{...}}]}
 * </pre>
 *
 * The envelope's id is derived from the span's, so a repeat overwrites itself and an error can be
 * traced to its span.
 */
final class ClassicEncoder {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String ID_SCHEME = "tp1";

  private final Trace trace;
  private final @Nullable ServerVersion server;
  private int events;

  /**
   * @param server null if the server did not say: then only what every server from 3.2 on knows is
   *     used
   */
  ClassicEncoder(Trace trace, @Nullable ServerVersion server) {
    this.trace = trace;
    this.server = server;
  }

  byte[] encode() {
    var bytes = new ByteArrayOutputStream(64 * 1024);
    // By way of a Writer: Jackson's own UTF-8 output refuses half a surrogate pair, which a cut
    // text may end in.
    try (var writer = new OutputStreamWriter(bytes, StandardCharsets.UTF_8);
        JsonGenerator out = JSON.createGenerator(writer)) {
      out.writeStartObject();
      out.writeArrayFieldStart("batch");
      for (Observation observation : trace.observations()) {
        if (observation.frame().parent() == null) {
          trace(out, observation);
        }
        observation(out, observation);
      }
      out.writeEndArray();
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** How many events {@link #encode} wrote. */
  int events() {
    return events;
  }

  /** The span that an event of ours was about; empty for an id that is not ours. */
  static Optional<SpanId> spanOf(String eventId) {
    String[] pieces = eventId.split("\\.", -1);
    boolean ours =
        pieces.length == 4 && pieces[0].equals(ID_SCHEME) && pieces[2].matches("[0-9a-f]{16}");
    return ours ? Optional.of(new SpanId(pieces[2])) : Optional.empty();
  }

  private void trace(JsonGenerator out, Observation root) throws IOException {
    TraceContext context = trace.context();
    envelope(out, root, "t", "trace-create");
    out.writeStringField("id", trace.id().hex());
    out.writeStringField("timestamp", LangfuseAttributes.iso(root.frame().start()));
    text(out, "name", Limits.cut(context.traceName(), Limits.SHORT_CHARS));
    text(out, "userId", Limits.cut(context.userId(), Limits.SHORT_CHARS));
    text(out, "sessionId", Limits.sessionId(context.sessionId()));
    text(out, "release", shortOrNull(context.release()));
    version(out);
    out.writeArrayFieldStart("tags");
    for (String tag : Limits.tags(context.tags())) {
      out.writeString(tag);
    }
    out.writeEndArray();
    metadata(out, shared());
    content(out, "input", ContentJson.input(root.input()));
    content(out, "output", LangfuseAttributes.output(root));
    end(out);
  }

  private void observation(JsonGenerator out, Observation observation) throws IOException {
    Frame frame = observation.frame();
    envelope(out, observation, "o", type(observation));
    out.writeStringField("id", frame.id().hex());
    out.writeStringField("traceId", trace.id().hex());
    text(out, "name", Limits.cut(frame.name(), Limits.NAME_CHARS));
    out.writeStringField("startTime", LangfuseAttributes.iso(frame.start()));
    var parent = frame.parent();
    text(out, "parentObservationId", parent == null ? null : parent.hex());
    out.writeStringField("level", frame.level().name());
    text(out, "statusMessage", frame.statusMessage());
    version(out);
    var metadata = new LinkedHashMap<>(LangfuseAttributes.metadata(observation));
    metadata.putAll(shared());
    metadata(out, metadata);
    content(out, "input", ContentJson.input(observation.input()));
    content(out, "output", LangfuseAttributes.output(observation));
    if (!type(observation).equals("event-create")) {
      out.writeStringField("endTime", LangfuseAttributes.iso(frame.end()));
    }
    if (observation instanceof Observation.Generation generation) {
      generation(out, generation);
    }
    end(out);
  }

  private void generation(JsonGenerator out, Observation.Generation generation) throws IOException {
    text(out, "model", generation.model());
    if (!generation.modelParameters().isEmpty()) {
      out.writeObjectFieldStart("modelParameters");
      LangfuseAttributes.parameterFields(out, generation.modelParameters());
      out.writeEndObject();
    }
    Optional<Usage> usage = LangfuseAttributes.usage(generation);
    if (usage.isPresent()) {
      usage(out, usage.get(), generation.costUsd());
    }
    BigDecimal cost = generation.costUsd();
    if (cost != null && knowsUsageDetails()) {
      out.writeObjectFieldStart("costDetails");
      out.writeNumberField("total", cost);
      out.writeEndObject();
    }
    Instant firstToken = generation.completionStart();
    text(
        out, "completionStartTime", firstToken == null ? null : LangfuseAttributes.iso(firstToken));
  }

  private void usage(JsonGenerator out, Usage usage, @Nullable BigDecimal cost) throws IOException {
    if (knowsUsageDetails()) {
      out.writeObjectFieldStart("usageDetails");
      for (var bucket : usage.buckets().entrySet()) {
        out.writeNumberField(bucket.getKey().key(), bucket.getValue());
      }
    } else {
      long output =
          usage.buckets().entrySet().stream()
              .filter(bucket -> bucket.getKey().output())
              .mapToLong(Map.Entry::getValue)
              .sum();
      out.writeObjectFieldStart("usage");
      out.writeNumberField("input", usage.total() - output);
      out.writeNumberField("output", output);
      out.writeNumberField("total", usage.total());
      out.writeStringField("unit", "TOKENS");
      if (cost != null) {
        out.writeNumberField("totalCost", cost);
      }
    }
    out.writeEndObject();
  }

  private String type(Observation observation) {
    boolean modern = server != null && server.atLeast(ServerVersion.KNOWS_AGENTS_AND_TOOLS);
    return switch (observation) {
      case Observation.AgentSpan _ -> modern ? "agent-create" : "span-create";
      case Observation.ToolCall _ -> modern ? "tool-create" : "span-create";
      case Observation.Generation _ -> "generation-create";
      case Observation.Note note -> note.instantaneous() ? "event-create" : "span-create";
    };
  }

  private boolean knowsUsageDetails() {
    return server == null || server.atLeast(ServerVersion.KNOWS_USAGE_DETAILS);
  }

  /** Opens the event and its body. */
  private void envelope(JsonGenerator out, Observation observation, String part, String type)
      throws IOException {
    Frame frame = observation.frame();
    out.writeStartObject();
    out.writeStringField(
        "id", String.join(".", ID_SCHEME, trace.id().hex(), frame.id().hex(), part));
    out.writeStringField("type", type);
    out.writeStringField("timestamp", LangfuseAttributes.iso(frame.start()));
    out.writeObjectFieldStart("body");
    events++;
  }

  private static void end(JsonGenerator out) throws IOException {
    out.writeEndObject();
    out.writeEndObject();
  }

  private void version(JsonGenerator out) throws IOException {
    text(out, "version", shortOrNull(trace.context().agentVersion()));
    text(out, "environment", LangfuseAttributes.environment(trace.context()).orElse(null));
  }

  private Map<String, String> shared() {
    var shared = new LinkedHashMap<String, String>();
    trace
        .context()
        .metadata()
        .forEach((key, value) -> shared.put(key, Limits.cut(value, Limits.SHORT_CHARS)));
    return shared;
  }

  private static void metadata(JsonGenerator out, Map<String, String> metadata) throws IOException {
    out.writeObjectFieldStart("metadata");
    for (var entry : metadata.entrySet()) {
      text(out, entry.getKey(), entry.getValue());
    }
    out.writeEndObject();
  }

  private static void content(
      JsonGenerator out, String field, Optional<ContentJson.Rendered> content) throws IOException {
    if (content.isPresent()) {
      out.writeFieldName(field);
      if (content.get().json()) {
        out.writeRawValue(content.get().text());
      } else {
        out.writeString(content.get().text());
      }
    }
  }

  private static void text(JsonGenerator out, String field, @Nullable String value)
      throws IOException {
    if (value != null && !value.isBlank()) {
      out.writeStringField(field, value);
    }
  }

  private static @Nullable String shortOrNull(@Nullable String text) {
    return text == null ? null : Limits.cut(text, Limits.SHORT_CHARS);
  }
}
