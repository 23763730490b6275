package dev.turnpike.export.langfuse;

/** What a server says about a pair of keys. Reasons are one short line without secrets. */
public sealed interface ProjectAnswer {
  /** The keys are good and this is what they open. */
  record Found(String id, String name, String organisation) implements ProjectAnswer {}

  record WrongKeys(String reason) implements ProjectAnswer {}

  /** Keys of an organisation, or not enough rights. */
  record WrongKind(String reason) implements ProjectAnswer {}

  /**
   * Something answered, but not Langfuse's API: the base URL is wrong, or a proxy is in between.
   */
  record NotLangfuse(String reason) implements ProjectAnswer {}

  record Unreachable(String reason) implements ProjectAnswer {}
}
