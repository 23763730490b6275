package dev.turnpike.otlp;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code ExportTraceServiceRequest} in JSON, read as a stream. Names in lowerCamelCase, as OTLP has
 * them, in snake_case or in PascalCase, which some emitters write; ids in hex; 64-bit numbers as
 * text or as numbers; enums as numbers or by name; unknown fields ignored.
 */
final class JsonTraces {
  private static final long NOT_A_NUMBER = -1;

  private final JsonParser in;
  private final Tally tally;

  private JsonTraces(JsonParser in, Tally tally) {
    this.in = in;
    this.tally = tally;
  }

  static List<SpanBatch> read(JsonParser in, Tally tally) throws IOException {
    var reader = new JsonTraces(in, tally);
    if (in.nextToken() != JsonToken.START_OBJECT) {
      throw new JsonParseException(in, "not an object");
    }
    var batches = new ArrayList<SpanBatch>();
    reader.object(
        name -> {
          if (name.equals("resourcespans")) {
            reader.list(() -> reader.resourceSpans(batches));
          } else {
            in.skipChildren();
          }
        });
    return batches;
  }

  private interface Field {
    /** The parser stands on the field's value and must stand on its last token afterwards. */
    void read(String name) throws IOException;
  }

  private interface Item {
    void read() throws IOException;
  }

  /** {@code null} is as good as absent. */
  private void object(Field field) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      in.skipChildren();
      return;
    }
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = plain(in.currentName());
      in.nextToken();
      field.read(name);
    }
  }

  private void list(Item item) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (in.currentToken() != JsonToken.START_ARRAY) {
      throw new JsonParseException(in, "a list was expected");
    }
    while (in.nextToken() != JsonToken.END_ARRAY) {
      item.read();
    }
  }

  /** trace_id, traceId, TraceID: one name. */
  private static String plain(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }

  private void resourceSpans(List<SpanBatch> batches) throws IOException {
    var resource = new LinkedHashMap<String, Value>();
    var scopes = new ArrayList<SpanBatch>();
    object(
        name -> {
          switch (name) {
            case "resource" -> resource(resource);
            case "scopespans", "instrumentationlibraryspans" ->
                list(() -> scopes.add(scopeSpans()));
            default -> in.skipChildren();
          }
        });
    for (SpanBatch scope : scopes) {
      var source = new Source(resource, scope.source().scope(), scope.source().scopeVersion());
      batches.add(new SpanBatch(source, scope.spans()));
    }
  }

  private void resource(Map<String, Value> to) throws IOException {
    object(
        name -> {
          if (name.equals("attributes")) {
            attributes(to, 0);
          } else {
            in.skipChildren();
          }
        });
  }

  private SpanBatch scopeSpans() throws IOException {
    String[] scope = {"", ""};
    var spans = new ArrayList<Span>();
    object(
        name -> {
          switch (name) {
            case "scope", "instrumentationlibrary" -> scope(scope);
            case "spans" -> list(() -> span().finish(tally).ifPresent(spans::add));
            default -> in.skipChildren();
          }
        });
    return new SpanBatch(new Source(Map.of(), scope[0], scope[1]), spans);
  }

  private void scope(String[] nameAndVersion) throws IOException {
    object(
        name -> {
          switch (name) {
            case "name" -> nameAndVersion[0] = text();
            case "version" -> nameAndVersion[1] = text();
            default -> in.skipChildren();
          }
        });
  }

  private Draft span() throws IOException {
    var draft = new Draft();
    object(
        name -> {
          switch (name) {
            case "traceid" -> draft.traceId = text();
            case "spanid" -> draft.spanId = text();
            case "parentspanid" -> draft.parentId = text();
            case "name" -> draft.name = text();
            case "kind" -> draft.kind = kind();
            case "starttimeunixnano" -> draft.start = number();
            case "endtimeunixnano" -> draft.end = number();
            case "attributes" -> attributes(draft.attributes, 0);
            case "events" -> list(() -> event(draft));
            case "status" -> status(draft);
            default -> in.skipChildren();
          }
        });
    return draft;
  }

  private void status(Draft draft) throws IOException {
    object(
        name -> {
          switch (name) {
            case "code" -> draft.status = status();
            case "message" -> draft.statusMessage = text();
            default -> in.skipChildren();
          }
        });
  }

  private void event(Draft draft) throws IOException {
    long[] at = {0};
    String[] of = {""};
    var attributes = new LinkedHashMap<String, Value>();
    object(
        name -> {
          switch (name) {
            case "timeunixnano" -> at[0] = number();
            case "name" -> of[0] = text();
            case "attributes" -> attributes(attributes, 0);
            default -> in.skipChildren();
          }
        });
    draft.event(of[0], at[0], attributes, tally);
  }

  private void attributes(Map<String, Value> to, int depth) throws IOException {
    list(
        () -> {
          String[] key = {""};
          Value[] value = {Value.empty()};
          object(
              name -> {
                switch (name) {
                  case "key" -> key[0] = text();
                  case "value" -> value[0] = value(depth);
                  default -> in.skipChildren();
                }
              });
          tally.put(to, key[0], value[0]);
        });
  }

  private Value value(int depth) throws IOException {
    Value[] value = {Value.empty()};
    object(
        name -> {
          switch (name) {
            case "stringvalue", "bytesvalue" -> value[0] = new Value.Text(text());
            case "boolvalue" -> value[0] = new Value.Bool(Boolean.parseBoolean(text()));
            case "intvalue" -> value[0] = new Value.Int(number());
            case "doublevalue" -> value[0] = new Value.Real(real());
            case "arrayvalue" -> value[0] = items(depth + 1);
            case "kvlistvalue" -> value[0] = fields(depth + 1);
            default -> in.skipChildren();
          }
        });
    return value[0];
  }

  private Value items(int depth) throws IOException {
    var items = new ArrayList<Value>();
    boolean deep = tooDeep(depth);
    object(
        name -> {
          if (name.equals("values") && !deep) {
            list(() -> items.add(value(depth)));
          } else {
            in.skipChildren();
          }
        });
    return new Value.Items(items);
  }

  private Value fields(int depth) throws IOException {
    var fields = new LinkedHashMap<String, Value>();
    boolean deep = tooDeep(depth);
    object(
        name -> {
          if (name.equals("values") && !deep) {
            attributes(fields, depth);
          } else {
            in.skipChildren();
          }
        });
    return new Value.Fields(fields);
  }

  private boolean tooDeep(int depth) {
    if (depth > tally.limits().depth()) {
      tally.count("otlp.value.too-deep");
      return true;
    }
    return false;
  }

  /** A scalar as text; of anything else nothing. */
  private String text() throws IOException {
    if (in.currentToken().isScalarValue() && in.currentToken() != JsonToken.VALUE_NULL) {
      return tally.cut(in.getText());
    }
    in.skipChildren();
    return "";
  }

  /** Never by way of a double: nanoseconds do not fit into one. */
  private long number() throws IOException {
    String text = text();
    try {
      return text.isEmpty() ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return NOT_A_NUMBER;
    }
  }

  private double real() throws IOException {
    String text = text();
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private long kind() throws IOException {
    String text = text();
    return switch (text) {
      case "SPAN_KIND_INTERNAL" -> 1;
      case "SPAN_KIND_SERVER" -> 2;
      case "SPAN_KIND_CLIENT" -> 3;
      case "SPAN_KIND_PRODUCER" -> 4;
      case "SPAN_KIND_CONSUMER" -> 5;
      default -> text.matches("\\d") ? Long.parseLong(text) : 0;
    };
  }

  private long status() throws IOException {
    String text = text();
    return switch (text) {
      case "STATUS_CODE_OK" -> 1;
      case "STATUS_CODE_ERROR" -> 2;
      default -> text.matches("\\d") ? Long.parseLong(text) : 0;
    };
  }
}
