package dev.turnpike.export.langfuse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.turnpike.export.Attribute;
import dev.turnpike.model.Frame;
import dev.turnpike.model.Observation;
import dev.turnpike.model.TraceContext;
import dev.turnpike.model.Usage;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Our model in Langfuse's attributes, for servers from 3.59 on. No {@code gen_ai.*} beside them:
 * they would gain nothing and be copied into every row's metadata.
 */
final class LangfuseAttributes {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9]\\d{0,14})(?:\\.\\d{1,15})?");
  private static final DateTimeFormatter ISO_MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private LangfuseAttributes() {}

  /** What every span carries, because the server filters on rows and not on a trace record. */
  static List<Attribute> context(TraceContext context) {
    var list = new ArrayList<Attribute>();
    add(list, "langfuse.session.id", Limits.sessionId(context.sessionId()));
    add(list, "langfuse.user.id", Limits.cut(context.userId(), Limits.SHORT_CHARS));
    List<String> tags = Limits.tags(context.tags());
    if (!tags.isEmpty()) {
      list.add(new Attribute.Texts("langfuse.trace.tags", tags));
    }
    add(list, "langfuse.trace.name", Limits.cut(context.traceName(), Limits.SHORT_CHARS));
    add(list, "langfuse.environment", environment(context).orElse(null));
    add(list, "langfuse.release", shortOrNull(context.release()));
    add(list, "langfuse.version", shortOrNull(context.agentVersion()));
    context
        .metadata()
        .forEach(
            (key, value) ->
                add(list, "langfuse.trace.metadata." + key, Limits.cut(value, Limits.SHORT_CHARS)));
    return list;
  }

  static List<Attribute> observation(Observation observation) {
    var list = new ArrayList<Attribute>();
    Frame frame = observation.frame();
    add(list, "langfuse.observation.type", type(observation));
    add(list, "langfuse.observation.level", frame.level().name());
    add(list, "langfuse.observation.status_message", frame.statusMessage());
    ContentJson.input(observation.input())
        .ifPresent(
            input -> list.add(new Attribute.Text("langfuse.observation.input", input.text())));
    output(observation)
        .ifPresent(
            output -> list.add(new Attribute.Text("langfuse.observation.output", output.text())));
    if (observation instanceof Observation.Generation generation) {
      generation(list, generation);
    }
    metadata(observation)
        .forEach((key, value) -> add(list, "langfuse.observation.metadata." + key, value));
    return list;
  }

  private static void generation(List<Attribute> list, Observation.Generation generation) {
    add(list, "langfuse.observation.model.name", generation.model());
    if (!generation.modelParameters().isEmpty()) {
      add(list, "langfuse.observation.model.parameters", parameters(generation.modelParameters()));
    }
    usage(generation)
        .ifPresent(usage -> add(list, "langfuse.observation.usage_details", usageDetails(usage)));
    BigDecimal cost = generation.costUsd();
    if (cost != null) {
      add(list, "langfuse.observation.cost_details", "{\"total\":" + cost.toPlainString() + "}");
    }
    Instant firstToken = generation.completionStart();
    if (firstToken != null) {
      add(list, "langfuse.observation.completion_start_time", iso(firstToken));
    }
  }

  static String type(Observation observation) {
    return switch (observation) {
      case Observation.AgentSpan _ -> "agent";
      case Observation.Generation _ -> "generation";
      case Observation.ToolCall _ -> "tool";
      case Observation.Note note -> note.instantaneous() ? "event" : "span";
    };
  }

  static Optional<ContentJson.Rendered> output(Observation observation) {
    return observation instanceof Observation.Generation
        ? ContentJson.output(observation.output())
        : ContentJson.input(observation.output());
  }

  static Map<String, String> metadata(Observation observation) {
    return observation instanceof Observation.ToolCall call && !call.callId().isBlank()
        ? call.frame().withMetadata(Map.of("tool_call_id", call.callId())).metadata()
        : observation.frame().metadata();
  }

  /**
   * A model with no usage at all would make the server count tokens of our (cut, redacted) texts by
   * itself: zeros say that nothing is known.
   */
  static Optional<Usage> usage(Observation.Generation generation) {
    Usage usage = generation.usage();
    if (usage != null && !usage.buckets().isEmpty()) {
      return Optional.of(usage);
    }
    return generation.model() == null
        ? Optional.empty()
        : Optional.of(new Usage(Map.of(Usage.Bucket.INPUT, 0L, Usage.Bucket.OUTPUT, 0L)));
  }

  static Optional<String> environment(TraceContext context) {
    String environment = context.environment();
    return environment == null ? Optional.empty() : Limits.environment(environment);
  }

  static String iso(Instant time) {
    return ISO_MILLIS.format(time);
  }

  /** No {@code total}: the buckets do not overlap, so the server's sum of them is it. */
  private static String usageDetails(Usage usage) {
    return json(
        out -> {
          for (var bucket : usage.buckets().entrySet()) {
            out.writeNumberField(bucket.getKey().key(), bucket.getValue());
          }
        });
  }

  private static String parameters(Map<String, String> parameters) {
    return json(out -> parameterFields(out, parameters));
  }

  static void parameterFields(JsonGenerator out, Map<String, String> parameters)
      throws IOException {
    for (var parameter : parameters.entrySet()) {
      out.writeFieldName(parameter.getKey());
      if (NUMBER.matcher(parameter.getValue()).matches()) {
        out.writeNumber(parameter.getValue());
      } else {
        out.writeString(parameter.getValue());
      }
    }
  }

  private static String json(Fields fields) {
    var text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      fields.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.toString();
  }

  private static @Nullable String shortOrNull(@Nullable String text) {
    return text == null ? null : Limits.cut(text, Limits.SHORT_CHARS);
  }

  private static void add(List<Attribute> list, String key, @Nullable String value) {
    if (value != null && !value.isBlank()) {
      list.add(new Attribute.Text(key, value));
    }
  }

  private interface Fields {
    void write(JsonGenerator out) throws IOException;
  }
}
