package dev.turnpike.it;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * A process in the place of a running agent: it does nothing until it is ended, and leaves with us.
 */
final class StandInAgent implements AutoCloseable {
  private final Process process;

  private StandInAgent(Process process) {
    this.process = process;
  }

  static StandInAgent start() throws IOException {
    // cat waits for its stdin, which ends with this JVM
    return new StandInAgent(new ProcessBuilder("cat").start());
  }

  long pid() {
    return process.pid();
  }

  /** Killed, and gone when this returns. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new AssertionError("cat does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
