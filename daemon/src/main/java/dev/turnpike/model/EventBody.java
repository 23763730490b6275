package dev.turnpike.model;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bytes a hook sent, unparsed. Large ones lie in a file of the inbox so that a storm of them
 * does not fill the heap.
 */
public sealed interface EventBody {
  long size();

  /** The bytes from the first on; whoever opens it closes it. */
  InputStream open() throws IOException;

  record Inline(byte[] bytes) implements EventBody {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public InputStream open() {
      return new ByteArrayInputStream(bytes);
    }
  }

  /** {@code file} belongs to the inbox, which removes it when the event has been consumed. */
  record Spilled(Path file, long size) implements EventBody {
    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file);
    }
  }
}
