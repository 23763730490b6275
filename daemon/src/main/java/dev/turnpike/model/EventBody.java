package dev.turnpike.model;

import java.nio.file.Path;

/**
 * The bytes a hook sent, unparsed. Large ones lie in a file of the inbox so that a storm of them
 * does not fill the heap.
 */
public sealed interface EventBody {
  long size();

  record Inline(byte[] bytes) implements EventBody {
    @Override
    public long size() {
      return bytes.length;
    }
  }

  /** {@code file} belongs to the inbox, which removes it when the event has been consumed. */
  record Spilled(Path file, long size) implements EventBody {}
}
