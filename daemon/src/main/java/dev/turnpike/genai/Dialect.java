package dev.turnpike.genai;

import dev.turnpike.model.TurnKey;
import dev.turnpike.otlp.Span;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one agent's spans have of their own: how they are read. */
public interface Dialect {
  /**
   * Whether an attribute of the conventions is of the turn. The others are tens of kilobytes that
   * are the same in every model call, and not worth keeping.
   */
  static boolean isOfTheTurn(String attribute) {
    return switch (attribute) {
      case "gen_ai.system_instructions", "gen_ai.tool.definitions", "gen_ai.tool.description" ->
          false;
      default -> true;
    };
  }

  /**
   * Whether a trace with this span without a parent is a turn; any other trace is none.
   *
   * @param spans of the trace, as far as they came
   */
  boolean opensTurn(Span root, Collection<Span> spans);

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

  /** Why the turn as a whole was cut off, where that stands on a span below its own. */
  default Optional<String> aborted(Collection<Span> spans) {
    return Optional.empty();
  }

  /** Attributes that hold the input of a span where those of the conventions are not there. */
  default List<String> inputs() {
    return List.of();
  }

  /** The same for the output. */
  default List<String> outputs() {
    return List.of();
  }

  /**
   * Attributes that go to the metadata of an observation beside those of the conventions ({@link
   * SpanFrames}), and under which name.
   */
  Map<String, String> metadata();
}
