package dev.turnpike.gateway;

import dev.turnpike.gateway.api.ReloadReport;

/** What may be asked of the daemon as a whole. */
public interface Lifecycle {
  /** Reads the settings anew. */
  ReloadReport reload();

  /** Begins an orderly stop and returns; the stop waits for the answer to this request. */
  void shutdown();

  long pid();
}
