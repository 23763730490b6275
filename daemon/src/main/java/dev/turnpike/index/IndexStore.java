package dev.turnpike.index;

import java.nio.file.Path;
import java.util.concurrent.ConcurrentNavigableMap;

/**
 * A sorted map in a file. Public because what makes one is loaded from a class path of its own
 * ({@link IndexLibrary}), and is no neighbour of this package there.
 */
public interface IndexStore extends AutoCloseable {
  ConcurrentNavigableMap<String, byte[]> byStart();

  @Override
  void close();

  /** Found as a service. */
  interface Opener {
    /** Opens the file, or makes it. Fails with whatever the library throws. */
    IndexStore open(Path file);
  }
}
