package dev.turnpike.inbox;

/** What became of an event that was offered. */
public sealed interface AcceptResult {
  /** It is in the journal. */
  record Stored() implements AcceptResult {}

  /** The same event came before. */
  record Duplicate() implements AcceptResult {}

  /** No room: the client is to spool it. */
  record Full(String reason) implements AcceptResult {}

  /** The disk refused: the client is to spool it. */
  record Failed(String reason) implements AcceptResult {}
}
