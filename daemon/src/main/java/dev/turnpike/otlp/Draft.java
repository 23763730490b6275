package dev.turnpike.otlp;

import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A span while it is being read; whatever the encoding, the same is valid. */
final class Draft {
  private static final int TRACE_HEX = 32;
  private static final int SPAN_HEX = 16;
  private static final long NANOS = 1_000_000_000L;

  String traceId = "";
  String spanId = "";
  String parentId = "";
  String name = "";
  long kind;
  long start;
  long end;
  long status;
  String statusMessage = "";
  final Map<String, Value> attributes = new LinkedHashMap<>();
  final List<Span.Happening> events = new ArrayList<>();

  Optional<Span> finish(Tally tally) {
    String trace = traceId.toLowerCase(Locale.ROOT);
    String id = spanId.toLowerCase(Locale.ROOT);
    String parent = parentId.toLowerCase(Locale.ROOT);
    if (!isId(trace, TRACE_HEX)) {
      tally.reject("trace-id");
    } else if (!isId(id, SPAN_HEX)) {
      tally.reject("span-id");
    } else if (!noParent(parent) && !isId(parent, SPAN_HEX)) {
      tally.reject("parent-id");
    } else if (start <= 0 || end < 0) {
      // unsigned nanoseconds of after 2262 are negative here, and a mistake
      tally.reject("time");
    } else if (tally.room()) {
      @Nullable SpanId above = noParent(parent) || parent.equals(id) ? null : new SpanId(parent);
      return Optional.of(
          new Span(
              new TraceId(trace),
              new SpanId(id),
              above,
              name,
              (int) kind,
              instant(start),
              instant(Math.max(start, end)),
              attributes,
              events,
              (int) status,
              statusMessage));
    }
    return Optional.empty();
  }

  void event(String of, long at, Map<String, Value> with, Tally tally) {
    if (events.size() >= tally.limits().events()) {
      tally.count("otlp.event.too-many");
    } else {
      events.add(new Span.Happening(of, instant(Math.max(0, at)), with));
    }
  }

  static Instant instant(long nanos) {
    return Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
  }

  /** Some emitters write a missing parent as zeros. */
  private static boolean noParent(String hex) {
    return hex.isEmpty() || hex.equals("0".repeat(SPAN_HEX));
  }

  private static boolean isId(String text, int length) {
    boolean good = text.length() == length && !text.equals("0".repeat(length));
    for (int i = 0; good && i < length; i++) {
      char c = text.charAt(i);
      good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    return good;
  }
}
