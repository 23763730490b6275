package dev.turnpike.outbox;

import dev.turnpike.model.Trace;
import java.util.List;

/**
 * A trace, or a part of one, that goes into one body.
 *
 * @param encoded its observations in their order, as they stand in the body
 */
record Portion(Trace trace, List<byte[]> encoded) {
  Portion {
    encoded = List.copyOf(encoded);
    if (encoded.size() != trace.observations().size()) {
      throw new IllegalArgumentException(
          "%d observations, %d encoded".formatted(trace.observations().size(), encoded.size()));
    }
  }

  static Portion of(Trace trace) {
    return new Portion(trace, Encoder.encode(trace.observations()));
  }
}
