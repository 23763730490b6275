package dev.turnpike.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** OTLP spans as Langfuse 4.16 turns them into rows, as far as we rely on it. */
final class OtlpRows {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> TYPES =
      Set.of(
          "span",
          "generation",
          "event",
          "embedding",
          "agent",
          "tool",
          "chain",
          "retriever",
          "guardrail",
          "evaluator");
  private static final Set<String> LEVELS = Set.of("DEBUG", "DEFAULT", "WARNING", "ERROR");

  private final boolean readsOurAttributes;
  private final Consumer<String> warn;

  OtlpRows(boolean readsOurAttributes, Consumer<String> warn) {
    this.readsOurAttributes = readsOurAttributes;
    this.warn = warn;
  }

  List<LangfuseRow> read(ExportTraceServiceRequest request, int number, int firstSeq) {
    var rows = new ArrayList<LangfuseRow>();
    for (var resource : request.getResourceSpansList()) {
      for (var scope : resource.getScopeSpansList()) {
        if (scope.getScope().getName().startsWith("langfuse-sdk")) {
          warn.accept("scope-of-an-sdk " + scope.getScope().getName());
        }
        for (Span span : scope.getSpansList()) {
          rows.add(row(span, number, firstSeq + rows.size()));
        }
      }
    }
    return rows;
  }

  private LangfuseRow row(Span span, int request, int seq) {
    String id = HexFormat.of().formatHex(span.getSpanId().toByteArray());
    String traceId = HexFormat.of().formatHex(span.getTraceId().toByteArray());
    Map<String, Object> attributes = attributes(span, id);
    check(span, id, traceId, attributes);
    var metadata = new LinkedHashMap<String, String>();
    prefixed(attributes, "langfuse.observation.metadata.", metadata);
    prefixed(attributes, "langfuse.trace.metadata.", metadata);
    return new LangfuseRow(
        seq,
        request,
        "otlp",
        traceId,
        id,
        span.getParentSpanId().isEmpty()
            ? null
            : HexFormat.of().formatHex(span.getParentSpanId().toByteArray()),
        span.getName(),
        type(attributes, id),
        instant(span.getStartTimeUnixNano()),
        instant(span.getEndTimeUnixNano()),
        level(span, attributes, id),
        text(attributes, "langfuse.observation.status_message"),
        text(attributes, "langfuse.observation.model.name"),
        texts(object(attributes, "langfuse.observation.model.parameters", id)),
        usage(attributes, id),
        cost(attributes, id),
        text(attributes, "langfuse.observation.completion_start_time"),
        text(attributes, "langfuse.observation.input"),
        text(attributes, "langfuse.observation.output"),
        text(attributes, "langfuse.session.id"),
        text(attributes, "langfuse.user.id"),
        tags(attributes, id),
        text(attributes, "langfuse.trace.name"),
        text(attributes, "langfuse.environment"),
        text(attributes, "langfuse.version"),
        text(attributes, "langfuse.release"),
        metadata);
  }

  private void check(Span span, String id, String traceId, Map<String, Object> attributes) {
    if (id.length() != 16 || traceId.length() != 32) {
      warn.accept("odd-id span=" + id + " trace=" + traceId);
    }
    if (text(attributes, "langfuse.session.id") == null
        || text(attributes, "langfuse.user.id") == null) {
      warn.accept("span-without-session-or-user span=" + id);
    }
    for (String key : attributes.keySet()) {
      if (key.startsWith("gen_ai.")
          || key.startsWith("langfuse.trace.input")
          || key.startsWith("langfuse.trace.output")) {
        warn.accept("unwanted-attribute " + key + " span=" + id);
      }
    }
    for (String key : List.of("langfuse.session.id", "langfuse.user.id", "langfuse.trace.name")) {
      String value = text(attributes, key);
      if (value != null && value.length() > 200) {
        warn.accept("too-long " + key + " span=" + id);
      }
    }
    if (span.getEndTimeUnixNano() < span.getStartTimeUnixNano()) {
      warn.accept("ends-before-start span=" + id);
    }
  }

  private Map<String, Object> attributes(Span span, String id) {
    var attributes = new LinkedHashMap<String, Object>();
    for (KeyValue attribute : span.getAttributesList()) {
      if (attributes.put(attribute.getKey(), value(attribute.getValue())) != null) {
        warn.accept("attribute-twice " + attribute.getKey() + " span=" + id);
      }
    }
    if (!readsOurAttributes) {
      attributes.keySet().removeIf(key -> key.startsWith("langfuse.observation."));
      warn.accept("server-ignores-our-attributes span=" + id);
    }
    return attributes;
  }

  private static Object value(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case INT_VALUE -> value.getIntValue();
      case DOUBLE_VALUE -> value.getDoubleValue();
      case ARRAY_VALUE ->
          value.getArrayValue().getValuesList().stream().map(OtlpRows::value).toList();
      default -> value.toString();
    };
  }

  private String type(Map<String, Object> attributes, String id) {
    String type = text(attributes, "langfuse.observation.type");
    if (type != null && TYPES.contains(type)) {
      return type.toUpperCase(Locale.ROOT);
    }
    if (readsOurAttributes) {
      warn.accept("unknown-observation-type " + type + " span=" + id);
    }
    return "SPAN";
  }

  private String level(Span span, Map<String, Object> attributes, String id) {
    String level = text(attributes, "langfuse.observation.level");
    if (level != null && !LEVELS.contains(level)) {
      warn.accept("odd-level " + level + " span=" + id);
    }
    if (level != null) {
      return level;
    }
    return span.getStatus().getCodeValue() == 2 ? "ERROR" : "DEFAULT";
  }

  private List<String> tags(Map<String, Object> attributes, String id) {
    Object tags = attributes.get("langfuse.trace.tags");
    if (tags instanceof List<?> list) {
      return list.stream().map(String::valueOf).toList();
    }
    if (tags != null) {
      warn.accept("tags-not-a-list span=" + id);
    }
    return List.of();
  }

  private Map<String, Long> usage(Map<String, Object> attributes, String id) {
    var usage = new LinkedHashMap<String, Long>();
    JsonNode node = object(attributes, "langfuse.observation.usage_details", id);
    node.properties().forEach(entry -> usage.put(entry.getKey(), entry.getValue().asLong(-1)));
    if (usage.values().stream().anyMatch(tokens -> tokens < 0)) {
      warn.accept("negative-usage span=" + id);
    }
    return usage;
  }

  private @Nullable BigDecimal cost(Map<String, Object> attributes, String id) {
    JsonNode total = object(attributes, "langfuse.observation.cost_details", id).path("total");
    return total.isNumber() ? new BigDecimal(total.asText()) : null;
  }

  private JsonNode object(Map<String, Object> attributes, String key, String id) {
    String text = text(attributes, key);
    if (text == null) {
      return JSON.createObjectNode();
    }
    try {
      JsonNode node = JSON.readTree(text);
      if (node.isObject()) {
        return node;
      }
      warn.accept("attribute-not-json-object " + key + " span=" + id);
    } catch (JsonProcessingException e) {
      warn.accept("attribute-invalid-json " + key + " span=" + id);
    }
    return JSON.createObjectNode();
  }

  static Map<String, String> texts(JsonNode object) {
    var texts = new LinkedHashMap<String, String>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  private static void prefixed(
      Map<String, Object> attributes, String prefix, Map<String, String> into) {
    attributes.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            into.put(key.substring(prefix.length()), String.valueOf(value));
          }
        });
  }

  private static @Nullable String text(Map<String, Object> attributes, String key) {
    return attributes.get(key) instanceof String text ? text : null;
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
