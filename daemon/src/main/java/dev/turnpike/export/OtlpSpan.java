package dev.turnpike.export;

import dev.turnpike.model.Frame;
import java.util.List;

/** One span of an {@link OtlpTraces}, with the attributes that are its own. */
public record OtlpSpan(Frame frame, List<Attribute> attributes) {
  public OtlpSpan {
    attributes = List.copyOf(attributes);
  }
}
