package dev.turnpike.genai;

import dev.turnpike.model.TurnKey;
import dev.turnpike.otlp.Span;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one agent's spans have of their own. */
public interface Dialect {
  /** Whether a span without a parent is a turn; anything else of that kind is none. */
  boolean opensTurn(Span root);

  /**
   * The turn's key.
   *
   * @param any the turn's own span, or another one if that never came
   */
  default TurnKey key(Span any, List<Span> spans) {
    return new TurnKey(any.trace().hex());
  }

  /** What the user typed, without what the agent puts around it. */
  default String prompt(String text) {
    return text;
  }

  /** The user's words, if the turn's own span tells them apart from its messages. */
  default Optional<String> asked(Span root) {
    return Optional.empty();
  }

  /** Why a span that did not fail was cut off all the same, in words for its status. */
  default Optional<String> cutOff(Span span) {
    return Optional.empty();
  }

  /** Attributes that go to the metadata of an observation, and under which name. */
  Map<String, String> metadata();
}
