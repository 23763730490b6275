package dev.turnpike.cli;

import java.io.IOException;

/**
 * Runs the daemon in this process until it is told to stop. Handed in by the root, since this room
 * does not know the daemon's.
 */
@FunctionalInterface
public interface DaemonMain {
  /**
   * @return the process's exit code
   */
  int run() throws IOException, InterruptedException;
}
