package dev.turnpike.gateway;

import dev.turnpike.gateway.api.OutboxReport;
import dev.turnpike.gateway.api.RetryReport;
import java.io.IOException;

/** The outbox, seen from outside. */
public interface OutboxControl {
  /**
   * @param limit of each list
   */
  OutboxReport outbox(int limit);

  /**
   * Dead letters go back into the queue, waiting batches are tried at once, parked destinations
   * too.
   */
  RetryReport retry() throws IOException;
}
