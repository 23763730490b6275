package dev.turnpike.otlp;

import java.util.List;

/** Spans of one source, in the order in which they came. */
public record SpanBatch(Source source, List<Span> spans) {
  public SpanBatch {
    spans = List.copyOf(spans);
  }
}
