package dev.turnpike.otlp;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code ExportTraceServiceRequest} in protobuf (opentelemetry-proto 1.x); the cases are its field
 * numbers.
 */
final class ProtoTraces {
  private final Tally tally;

  private ProtoTraces(Tally tally) {
    this.tally = tally;
  }

  static List<SpanBatch> read(byte[] body, Tally tally) throws Undecodable {
    return new ProtoTraces(tally).request(new ProtoReader(body));
  }

  private List<SpanBatch> request(ProtoReader in) throws Undecodable {
    var batches = new ArrayList<SpanBatch>();
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 1) {
        resourceSpans(in.message(), batches);
      }
    }
    return batches;
  }

  private void resourceSpans(ProtoReader in, List<SpanBatch> batches) throws Undecodable {
    var resource = new LinkedHashMap<String, Value>();
    var scopes = new ArrayList<ProtoReader>();
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> resource(in.message(), resource);
        // 1000 is the field of before 1.0
        case 2, 1000 -> scopes.add(in.message());
        default -> {}
      }
    }
    for (ProtoReader scope : scopes) {
      batches.add(scopeSpans(scope, resource));
    }
  }

  private void resource(ProtoReader in, Map<String, Value> attributes) throws Undecodable {
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 1) {
        attribute(in.message(), attributes, 0);
      }
    }
  }

  private SpanBatch scopeSpans(ProtoReader in, Map<String, Value> resource) throws Undecodable {
    String[] scope = {"", ""};
    var spans = new ArrayList<Span>();
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> scope(in.message(), scope);
        case 2 -> span(in.message()).finish(tally).ifPresent(spans::add);
        default -> {}
      }
    }
    return new SpanBatch(new Source(resource, scope[0], scope[1]), spans);
  }

  private void scope(ProtoReader in, String[] nameAndVersion) throws Undecodable {
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 1 || field == 2) {
        nameAndVersion[field - 1] = tally.cut(in.text());
      }
    }
  }

  private Draft span(ProtoReader in) throws Undecodable {
    var draft = new Draft();
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> draft.traceId = in.hex();
        case 2 -> draft.spanId = in.hex();
        case 4 -> draft.parentId = in.hex();
        case 5 -> draft.name = tally.cut(in.text());
        case 6 -> draft.kind = in.number();
        case 7 -> draft.start = in.fixed64();
        case 8 -> draft.end = in.fixed64();
        case 9 -> attribute(in.message(), draft.attributes, 0);
        case 11 -> event(in.message(), draft);
        case 15 -> status(in.message(), draft);
        default -> {}
      }
    }
    return draft;
  }

  private void event(ProtoReader in, Draft draft) throws Undecodable {
    long at = 0;
    String name = "";
    var attributes = new LinkedHashMap<String, Value>();
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> at = in.fixed64();
        case 2 -> name = tally.cut(in.text());
        case 3 -> attribute(in.message(), attributes, 0);
        default -> {}
      }
    }
    draft.event(name, at, attributes, tally);
  }

  private void status(ProtoReader in, Draft draft) throws Undecodable {
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 2 -> draft.statusMessage = tally.cut(in.text());
        case 3 -> draft.status = in.number();
        default -> {}
      }
    }
  }

  private void attribute(ProtoReader in, Map<String, Value> to, int depth) throws Undecodable {
    String key = "";
    Value value = Value.empty();
    for (int field = in.next(); field != 0; field = in.next()) {
      switch (field) {
        case 1 -> key = tally.cut(in.text());
        case 2 -> value = value(in.message(), depth);
        default -> {}
      }
    }
    tally.put(to, key, value);
  }

  private Value value(ProtoReader in, int depth) throws Undecodable {
    Value value = Value.empty();
    for (int field = in.next(); field != 0; field = in.next()) {
      value =
          switch (field) {
            case 1 -> new Value.Text(tally.cut(in.text()));
            case 2 -> new Value.Bool(in.number() != 0);
            case 3 -> new Value.Int(in.number());
            case 4 -> new Value.Real(Double.longBitsToDouble(in.fixed64()));
            case 5 -> deeper(in.message(), depth + 1, true);
            case 6 -> deeper(in.message(), depth + 1, false);
            case 7 -> new Value.Text(tally.cut(Base64.getEncoder().encodeToString(in.raw())));
            default -> value;
          };
    }
    return value;
  }

  private Value deeper(ProtoReader in, int depth, boolean list) throws Undecodable {
    if (depth > tally.limits().depth()) {
      tally.count("otlp.value.too-deep");
      return Value.empty();
    }
    var items = new ArrayList<Value>();
    var fields = new LinkedHashMap<String, Value>();
    for (int field = in.next(); field != 0; field = in.next()) {
      if (field == 1 && list) {
        items.add(value(in.message(), depth));
      } else if (field == 1) {
        attribute(in.message(), fields, depth);
      }
    }
    return list ? new Value.Items(items) : new Value.Fields(fields);
  }
}
