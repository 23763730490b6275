package dev.turnpike.cli.setup;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Who starts the daemon when a hook comes, and again when it died: systemd or launchd. */
sealed interface Supervisor permits Systemd, Launchd {
  String name();

  /** Why it cannot be used here; empty if it can. */
  Optional<String> unusable() throws InterruptedException;

  /** Writes what describes the service; true if something changed. */
  boolean write(Inventory inventory) throws IOException;

  /** Whether the descriptions are there and as they should be. */
  boolean written() throws IOException;

  /**
   * Makes the manager hold the socket and start the daemon anew. The caller has stopped one that
   * runs beside it.
   */
  void activate() throws IOException, InterruptedException;

  /** Takes everything back, as far as it is there. */
  List<Step> remove() throws IOException;
}
