package dev.turnpike.daemon;

import java.io.IOException;

/** Whether the state directory is this process's to write in: it holds the lock. */
@FunctionalInterface
public interface Ownership {
  /**
   * Takes the lock anew where its file was removed.
   *
   * @return false if another daemon was faster: it is the one now
   * @throws IOException if that cannot be done now
   */
  boolean renew() throws IOException;
}
