package dev.turnpike.model;

import java.util.List;

/**
 * The input or output of an observation, still in a form in which privacy can tell prompts from
 * tool output from reasoning.
 */
public sealed interface Content {
  /** Nothing to show. */
  record None() implements Content {}

  /** Plain text. */
  record Text(ContentKind kind, String text) implements Content {}

  /** JSON text, e.g. a tool call's arguments. */
  record Json(ContentKind kind, String json) implements Content {}

  /** What went into or came out of a model call. */
  record Messages(List<Message> messages) implements Content {
    public Messages {
      messages = List.copyOf(messages);
    }
  }

  Content NONE = new None();

  static Content prompt(String text) {
    return new Text(ContentKind.PROMPT, text);
  }

  static Content answer(String text) {
    return new Text(ContentKind.ANSWER, text);
  }
}
