package dev.turnpike.cli.setup;

import dev.turnpike.gateway.api.HealthReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What installing needs of the daemon. */
public interface DaemonControl {
  /** What it says of itself; empty if none answers. */
  Optional<HealthReport> health() throws IOException;

  /** Starts it detached and waits until it takes events; empty if it does, else what went wrong. */
  Optional<String> start(Path program) throws IOException, InterruptedException;

  /** Waits until one that a service manager starts takes events; empty if it does. */
  Optional<String> await() throws IOException, InterruptedException;

  /** An orderly stop, over when the process is gone; empty if it went well or none ran. */
  Optional<String> stop() throws IOException, InterruptedException;
}
