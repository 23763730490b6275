package dev.turnpike.otlp;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a request holds.
 *
 * @param rejected spans left out, since they are not valid
 * @param shortfalls what was left out, by reason: {@code otlp.span.trace-id}, {@code
 *     otlp.text.cut}, ...
 */
public record Decoded(List<SpanBatch> batches, int rejected, Map<String, Long> shortfalls) {
  public Decoded {
    batches = List.copyOf(batches);
    shortfalls = Collections.unmodifiableMap(new TreeMap<>(shortfalls));
  }
}
