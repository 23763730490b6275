package dev.turnpike.model;

/** What a piece of content is, so that a capture switch can leave it out. */
public enum ContentKind {
  PROMPT,
  ANSWER,
  TOOL_INPUT,
  TOOL_OUTPUT,
  REASONING
}
