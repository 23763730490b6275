package dev.turnpike.daemon;

import java.io.IOException;
import org.slf4j.LoggerFactory;

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

  /** The same for whoever must not write where it is not known. */
  default boolean holds() {
    try {
      return renew();
    } catch (IOException e) {
      LoggerFactory.getLogger(Ownership.class).debug("the lock: {}", e.toString());
      return false;
    }
  }
}
