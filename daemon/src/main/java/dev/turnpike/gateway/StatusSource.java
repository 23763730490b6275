package dev.turnpike.gateway;

import dev.turnpike.gateway.api.HealthReport;
import dev.turnpike.gateway.api.StatusReport;

/** How the daemon is. Called by workers, often; must not block for long. */
public interface StatusSource {
  HealthReport health();

  StatusReport status();
}
