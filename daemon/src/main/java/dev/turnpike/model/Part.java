package dev.turnpike.model;

/** A piece of a message. */
public sealed interface Part {

  /**
   * Readable text; {@code kind} is PROMPT for what the user or the agent's harness said, ANSWER for
   * what the model said.
   */
  record Text(ContentKind kind, String text) implements Part {}

  /**
   * The model's reasoning as far as the agent shows it; may be empty where the provider withholds
   * it.
   */
  record Reasoning(String text) implements Part {}

  /** The model asked for a tool. {@code inputJson} is JSON text. */
  record ToolUse(String callId, String name, String inputJson) implements Part {}

  /** What a tool gave back, as the model saw it. */
  record ToolResult(String callId, String text, boolean error) implements Part {}

  /** An image or document: never its bytes, only what it was. */
  record Media(String mimeType, long bytes) implements Part {}
}
